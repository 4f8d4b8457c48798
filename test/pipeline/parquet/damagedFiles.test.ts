import { parquetMetadata } from 'hyparquet';
import { describe, expect, it } from '@jest/globals';
import type { ParquetColumns } from '../../../src/formats/parquet/parquetTypes.js';
import { FormatError } from '../../../src/base/errors.js';
import { seededRandom } from '../../../src/base/seededRandom.js';
import { fromParquet } from '../../../src/pipeline/parquet/fromParquet.js';
import {
  all,
  goldenFile,
  joined,
  numberedRows,
  parquetBytes,
  rowsOf,
  STORED,
  storeOf,
  type AnyTable,
} from './support/parquetFiles.js';

/** Reads a file. A damaged file must cause a FormatError that names the file, or have the right number of rows. */
async function readDamaged(
  bytes: Uint8Array,
  rows: number,
  columns: ParquetColumns = {},
): Promise<FormatError | undefined> {
  const result = await all(fromParquet(STORED, { store: storeOf(bytes), columns })).catch((error: unknown) => error);
  if (Array.isArray(result)) {
    joined(result as AnyTable[]);
    expect((result as AnyTable[]).map(rowsOf).reduce((sum, count) => sum + count, 0)).toBe(rows);
    return undefined;
  }
  expect(result).toBeInstanceOf(FormatError);
  expect(result).toMatchObject({ format: 'Parquet', path: STORED, message: expect.stringContaining(STORED) });
  return result as FormatError;
}

const ROWS = [300, 300, 31];
const SMALL = numberedRows(40, 15);
const COLUMNS = { maybe: { default: 7 }, list: { kind: 'ragged', default: 7 } } as const;
/** With and without checksums. */
const WITH_ALL = ['pages_v1.parquet', 'pages_v2.parquet', 'groups.parquet'].map((name) => goldenFile(name));

describe('fromParquet', () => {
  it.each([
    ['an empty file', '', 'expected a Parquet file, which begins with "PAR1", found nothing'],
    ['text', 'id,name\n1,a\n', 'expected a Parquet file, which begins with "PAR1", found "id,n"'],
    ['another format', 'ARROW1\0\0', 'expected a Parquet file, which begins with "PAR1", found Arrow (Feather)'],
    [
      'an encrypted file',
      'PARE and so on',
      'expected a Parquet file, which begins with "PAR1", found encrypted Parquet',
    ],
  ])('says what it has found instead of Parquet: %s', async (_, content, message) => {
    const error = await readDamaged(Buffer.from(content), 0);
    expect(error?.message).toBe(`Parquet: ${STORED}: ${message}`);
  });

  it('says that a file has no columns', async () => {
    const error = await readDamaged(parquetBytes([], { schema: [{ name: 'root', num_children: 0 }] }), 0);
    expect(error?.message).toBe(`Parquet: ${STORED}: the file has no columns`);
  });

  it('says what to do with a truncated file', async () => {
    const error = await readDamaged(SMALL.slice(0, 100), 40);
    expect(error?.message).toBe(
      `Parquet: ${STORED}: the file of 100 bytes does not end with "PAR1": it is truncated, or its writer was not closed. Copy or write the file again`,
    );
  });

  it('fails with a FormatError for every beginning of a file', async () => {
    for (let length = 1; length < SMALL.length; length++) {
      expect(await readDamaged(SMALL.slice(0, length), 40)).toMatchObject({ kind: 'truncated' });
    }
    expect(await readDamaged(SMALL, 40)).toBeUndefined();
  });

  it('fails or reads all rows, whichever byte of a small file is damaged', async () => {
    let failures = 0;
    for (let at = 0; at < SMALL.length; at++) {
      const bytes = SMALL.slice();
      bytes[at]! ^= 1 << ((at * 5) % 8);
      if (await readDamaged(bytes, 40)) failures++;
    }
    expect(failures).toBeGreaterThan(SMALL.length / 4);
  });

  it('fails or reads all rows for random damage of pages, levels, dictionaries and lists', async () => {
    const random = seededRandom(20261127, 1);
    for (let run = 0; run < 300; run++) {
      const index = random(WITH_ALL.length);
      const bytes = WITH_ALL[index]!.slice();
      for (let times = 1 + random(3); times > 0; times--) {
        bytes[random(bytes.length)] = [0, 0x7f, 0x80, 0xff, random(256)][random(5)]!;
      }
      await readDamaged(bytes, ROWS[index]!, COLUMNS);
    }
  });

  it('finds every damaged page by its checksum', async () => {
    for (const name of ['pages_v1.parquet', 'pages_v2.parquet']) {
      const golden = goldenFile(name);
      const { row_groups: groups } = parquetMetadata(golden.slice());
      const { dictionary_page_offset, total_compressed_size } = groups[1]!.columns[0]!.meta_data!;
      const end = Number(dictionary_page_offset! + total_compressed_size);
      // The last byte of the column chunk is in the body of its last page.
      golden[end - 1]! ^= 1;
      const error = await readDamaged(golden, 300, COLUMNS);
      expect(error).toMatchObject({ kind: 'checksum', recordIndex: 120 });
      expect(error?.message).toMatch(
        /^Parquet: mem:\/\/data\/file.parquet, row group 1, row 120, column "id": the CRC-32 of a page is \d+, expected \d+$/,
      );
    }
  });
});
