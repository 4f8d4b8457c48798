import { parquetRead } from 'hyparquet';
import { describe, expect, it } from '@jest/globals';
import { FormatError } from '../../../src/base/errors.js';
import { seededRandom } from '../../../src/base/seededRandom.js';
import { columnArray } from '../../../src/formats/parquet/columnArray.js';
import { decodeColumn, type ColumnLevels, type DecodedColumn } from '../../../src/formats/parquet/decodeColumn.js';
import { integer, page, varint } from '../reference/parquetPages.js';

interface Column extends Partial<ColumnLevels> {
  readonly type?: ColumnLevels['element']['type'];
}

/** Decodes pages of an uncompressed column. */
function decode(
  pages: readonly number[],
  valueCount: number,
  { type = 'INT32', ...levels }: Column = {},
): Promise<DecodedColumn> {
  const element = { name: 'values', repetition_type: 'REQUIRED', type, type_length: 0 } as const;
  const chunk = { bytes: Uint8Array.from(pages), valueCount, decompress: (bytes: Uint8Array) => bytes };
  return decodeColumn(parquetRead, { element, maxDefinition: 0, maxRepetition: 0, ...levels }, chunk);
}

const [PLAIN, RLE, BIT_PACKED, DELTA, DELTA_LENGTH, DELTA_BYTES, DICTIONARY, ALP] = [0, 3, 4, 5, 6, 7, 8, 10];

const dataPage = (count: number, encoding: number, body: readonly number[], levelEncoding = RLE): number[] =>
  page(
    'data',
    [count, encoding, levelEncoding, levelEncoding].flatMap((field) => integer(1, field)),
    body,
  );
const dictionaryPage = (...values: number[]): number[] => {
  const body = [...new Uint8Array(Int32Array.from(values).buffer)];
  return page('dictionary', [...integer(1, values.length), ...integer(1, PLAIN)], body);
};
const int32s = (...values: number[]): number[] => [...new Uint8Array(Int32Array.from(values).buffer)];

describe('columnArray', () => {
  it('fails at a wrong number of rows before it needs memory for them', () => {
    const levels = { maxDefinition: 2, maxRepetition: 1, listDefinition: 2 };
    const element = { name: 'list', type: 'INT32' } as const;
    const leaf = { ...levels, name: 'list', path: [], dtype: 'int32', typeName: 'int32', element } as const;
    const column = { name: 'list', index: 0, leaf, dtype: 'int32', fallback: undefined } as const;
    const parts = [{ values: Int32Array.of(7) }];
    const decoded = { definitions: Uint8Array.of(2), repetitions: Uint8Array.of(0), parts };
    const rules = { rows: 2 ** 40, onBadRow: () => undefined };
    expect(() => columnArray(column, decoded, rules)).toThrow(FormatError);
    expect(columnArray(column, decoded, { ...rules, rows: 1 })).toMatchObject({ rowSplits: Int32Array.of(0, 1) });
  });
});

describe('decodeColumn', () => {
  it('reads a run that is longer than its page up to the end of the page, without memory for the rest', async () => {
    const endless = varint(2 ** 33);
    const { definitions, parts } = await decode(
      [...dictionaryPage(7, 8), ...dataPage(3, DICTIONARY, [6, 0, 0, 0, ...endless, 1, 1, ...endless, 1])],
      3,
      { maxDefinition: 1 },
    );
    expect([...definitions]).toEqual([1, 1, 1]);
    expect(parts).toMatchObject([{ values: Int32Array.of(7, 8), indices: Uint32Array.of(1, 1, 1) }]);
  });

  it('joins pages with and without a dictionary', async () => {
    const pages = [...dictionaryPage(7, 8), ...dataPage(2, DICTIONARY, [1, 3, 2]), ...dataPage(1, PLAIN, int32s(9))];
    const { parts } = await decode(pages, 3);
    expect(
      parts.map(({ values, indices }) =>
        indices ? Array.from(indices, (index): unknown => values[index]) : Array.from<unknown>(values),
      ),
    ).toEqual([[7, 8], [9]]);
  });

  it.each<[string, readonly number[], number, Column, RegExp]>([
    [
      'a page with more values than the column',
      dataPage(2, PLAIN, int32s(1, 2)),
      1,
      {},
      /^Parquet: expected 1 values, found 2 or more/,
    ],
    ['a column that ends too early', dataPage(1, PLAIN, int32s(1)), 2, {}, /the bytes end inside a page/],
    ['a page that ends too early', dataPage(1, PLAIN, int32s(1)).slice(0, -1), 1, {}, /a page has 3 bytes, expected 4/],
    [
      'an index after the end of the dictionary',
      [...dictionaryPage(7), ...dataPage(1, DICTIONARY, [1, 2, 1])],
      1,
      {},
      /found the index 1, but the dictionary has 1 values/,
    ],
    [
      'a page without its dictionary',
      dataPage(1, DICTIONARY, [1, 2, 0]),
      1,
      {},
      /found the index 0, but the dictionary has 0 values/,
    ],
    [
      'indices of 25 bits',
      [...dictionaryPage(7), ...dataPage(1, DICTIONARY, [25, 2, 0])],
      1,
      {},
      /found numbers of 25 bits, and at most 24 are supported/,
    ],
    [
      'an encoding that the type does not have',
      dataPage(1, DELTA, [0]),
      1,
      { type: 'DOUBLE' },
      /the encoding 5 of DOUBLE values is not supported/,
    ],
    [
      'an unknown encoding',
      dataPage(1, ALP, [0]),
      1,
      { type: 'DOUBLE' },
      /the encoding 10 of DOUBLE values is not supported/,
    ],
    [
      'levels in the oldest encoding',
      dataPage(1, PLAIN, int32s(1), BIT_PACKED),
      1,
      { maxDefinition: 1 },
      /the encoding 4 of levels is not supported/,
    ],
    [
      'a page of an unknown type',
      [...integer(1, 9), ...integer(1, 0), ...integer(1, 0), 0],
      1,
      {},
      /found a page of the unknown type 9/,
    ],
    ['an unknown type of a field', [0x1d, 0], 1, {}, /found a page header with the unknown field type 13/],
    ['a number without end', [0x15, ...Array<number>(12).fill(0xff)], 1, {}, /found a number with more than 10 bytes/],
    // Without a check, hyparquet would read these for ever.
    [
      'deltas in blocks of nothing',
      dataPage(2, DELTA, [0, 0, 2, 0, 0x80, 0x80]),
      2,
      {},
      /expected 2 deltas in blocks, found 2 in 0 blocks of NaN/,
    ],
    ['deltas in blocks of 7', dataPage(2, DELTA, [7, 1, 2, 0, 0, 0]), 2, {}, /found 2 in 1 blocks of 7/],
    [
      'another number of deltas',
      dataPage(2, DELTA, [128, 1, 4, 3, 0, 0, 0, 0, 0, 0]),
      2,
      {},
      /expected 2 deltas in blocks, found 3 in 4 blocks of 32/,
    ],
    [
      'lengths in blocks of nothing',
      dataPage(2, DELTA_LENGTH, [0, 0, 2, 0, 0]),
      2,
      { type: 'BYTE_ARRAY' },
      /expected 2 deltas in blocks/,
    ],
    [
      'suffixes in blocks of nothing',
      dataPage(1, DELTA_BYTES, [128, 1, 4, 1, 0, 0, 0, 1, 0]),
      1,
      { type: 'BYTE_ARRAY' },
      /expected 1 deltas in blocks, found 1 in 0 blocks of NaN/,
    ],
  ])('fails at %s', async (_, pages, count, column, message) => {
    await expect(decode(pages, count, column)).rejects.toThrow(message);
  });

  it('never takes the bytes of the next page for a text that is too long', async () => {
    const tooLong = dataPage(1, PLAIN, [5, 0, 0, 0, 97]);
    const next = dataPage(1, PLAIN, [4, 0, 0, 0, 98, 98, 98, 98]);
    await expect(decode([...tooLong, ...next], 2, { type: 'BYTE_ARRAY' })).rejects.toThrow(
      /Invalid typed array length: 5/,
    );
  });

  it('decodes many pages in time that grows with their bytes', async () => {
    const random = seededRandom(1, 1);
    const values = Array.from({ length: 2000 }, () => random(100));
    const pages = values.flatMap((value) => dataPage(1, PLAIN, int32s(value)));
    const { parts } = await decode(pages, values.length);
    expect(parts.flatMap((part) => Array.from<unknown>(part.values))).toEqual(values);
  });
});
