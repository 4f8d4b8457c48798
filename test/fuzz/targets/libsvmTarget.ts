import assert from 'node:assert/strict';
import { of } from 'rxjs';
import { decodeLibsvm } from '../../../operators/decodeLibsvm.js';
import type { NDArray, SparseArray } from '../../../src/arrays/ndarray.js';
import { FormatError } from '../../../src/base/errors.js';
import { columnText } from '../../formats/reference/columnText.js';
import { readLibsvm } from '../../formats/reference/readLibsvm.js';
import { notifications } from '../../support/notifications.js';
import { poisonedChunk, type Draw } from '../../support/poisonedChunks.js';
import type { FuzzTarget } from '../fuzzTarget.js';
import { replaced } from '../mutations.js';

const PIECES = [
  ...[
    ' ',
    '\t',
    '\r',
    '\v',
    '#',
    ':',
    ',',
    '.',
    '-',
    '+',
    'e',
    '0',
    '9',
    'nan',
    '-inf',
    '0x1',
    '1_0',
    '\ufeff',
    '\u00a0',
  ],
  ...[
    ' qid:3',
    ' qid:-9223372036854775808',
    ' qid:9223372036854775808',
    ' 0:1',
    ' 1:2.5',
    ' 03:.5',
    ' 9:1',
    ' 2:1e400',
  ],
  ...['0.1000000000000000055511151231257827', '99999999999999999999', '1e-400', ' 2147483648:1'],
];

function drawLine(draw: Draw): Uint8Array {
  const number = (): string => ['1', '-0', '0.1', '2.5e-3', '16777217', '123456789.123456789', 'NaN'][draw(7)]!;
  const pairs = Array.from({ length: 9 }, (_, index) => ` ${index}:${number()}`).filter(() => draw(3) === 0);
  return Buffer.from(
    `${number()}${draw(2) === 0 ? ` qid:${draw(99)}` : ''}${pairs.join('')}${draw(4) === 0 ? ' # 1:2' : ''}`,
  );
}

/** Lines of LIBSVM, compared with a parser of the tests that uses regular expressions. */
export const libsvmTarget: FuzzTarget = {
  name: 'Libsvm',
  weight: 2,
  seeds: ['1 1:0.5 3:2', '-1 qid:7 0:1e-3 8:4 # 1:1', '+1.5\t2:inf\r', '# 1:1'].map((line) => Buffer.from(line)),
  generate: drawLine,
  mutate: (input, draw) => {
    const at = draw(input.length + 1);
    return replaced(input, at, at + draw(2), Buffer.from(PIECES[draw(PIECES.length)]!));
  },
  run: (input, draw) => {
    const options = {
      features: 8,
      zeroBased: ([true, false, 'auto'] as const)[draw(3)]!,
      dtype: (['float32', 'float64'] as const)[draw(2)]!,
      queryId: draw(2) === 0,
    };
    const lines = Array.from({ length: 1 + draw(2) }, () => poisonedChunk(input, draw));
    const [item, end] = notifications(of(lines).pipe(decodeLibsvm(options)));
    const text = Buffer.from(input).toString('latin1');
    let expected: string[] | undefined | 'bad';
    try {
      expected = readLibsvm(
        lines.map(() => text),
        options,
      );
    } catch (error) {
      assert.equal((error as Error).name, 'RangeError');
      expected = 'bad';
    }
    if (expected === 'bad') {
      assert.ok(item instanceof FormatError, String(item));
      assert.ok(item.byteOffset >= 0 && item.byteOffset <= input.length, `offset ${item.byteOffset}`);
    } else if (expected === undefined) {
      assert.equal(item, 'complete');
    } else {
      assert.equal(end, 'complete', String(item));
      assert.deepEqual(Object.values(item as Record<string, NDArray | SparseArray>).map(columnText), expected);
    }
  },
};
