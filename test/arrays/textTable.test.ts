import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { TextTable } from '../../src/arrays/textTable.js';

describe('TextTable', () => {
  it('numbers bytes as a Map numbers their text', () => {
    const bytes = fc.array(fc.uint8Array({ maxLength: 3, max: 3 }), { maxLength: 300 });
    fc.assert(
      fc.property(bytes, (texts) => {
        const table = new TextTable();
        const map = new Map<string, number>();
        for (const text of texts) {
          const key = text.join();
          expect(table.find(text)).toBe(map.get(key) ?? -1);
          if (!map.has(key)) map.set(key, map.size);
          expect(table.add(text)).toBe(map.get(key));
        }
        expect(table.texts.map((text) => text.join())).toEqual([...map.keys()]);
      }),
    );
  });

  it('keeps copies, so that the memory of the data can be freed or changed', () => {
    const table = new TextTable();
    const text = Uint8Array.of(1, 2);
    table.add(text);
    text[0] = 9;
    expect(table.find(Uint8Array.of(1, 2))).toBe(0);
    expect(table.texts[0]?.buffer.byteLength).toBe(2);
  });
});
