import { describe, expect, it } from '@jest/globals';
import { describeItem } from '../../src/cli/describeItem.js';
import { ndarray } from '../../src/arrays/ndarray.js';

describe('describeItem', () => {
  it('shows a batch with one line for each part: its dtype, shape and first values', () => {
    const item = {
      xs: ndarray(
        'float32',
        [2, 5],
        Float32Array.from({ length: 10 }, (_, index) => index / 2),
      ),
      ys: {
        label: ndarray('int64', [], BigInt64Array.of(7n)),
        'two words': ndarray('bytes', [1], [Buffer.from('text')]),
      },
    };
    expect(describeItem(item, 3)).toBe(
      [
        'item 3:',
        '  xs: float32 [2, 5] [0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5, … (10 values)]',
        '  ys:',
        '    label: int64 7',
        '    "two words": bytes [1] "text"',
      ].join('\n'),
    );
  });

  it('shows bytes, texts and numbers on the same line', () => {
    const shown = [Uint8Array.of(255, 0), 'a\u001b[2J', 1.5, 7n, null, true, [], {}].map((item) =>
      describeItem(item, 0),
    );
    expect(shown).toEqual(
      ['<ff 00>', '"a\\u001b[2J"', '1.5', '7', 'null', 'true', '[]', '{}'].map((text) => `item 0: ${text}`),
    );
  });

  it('cuts a text after 80 characters', () => {
    expect(describeItem('a'.repeat(1000), 0)).toBe(`item 0: "${'a'.repeat(80)}…"`);
  });

  it('shows the first 32 parts of an array', () => {
    const lines = describeItem(
      Array.from({ length: 1000 }, (_, index) => index),
      0,
    ).split('\n');
    expect([lines.length, lines[32], lines[33]]).toEqual([34, '  31: 31', '  … (1000 parts)']);
  });
});
