import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { lastValueFrom, of, toArray, type Observable } from 'rxjs';
import { batch } from '../../operators/batch.js';
import { decodeCsv } from '../../operators/decodeCsv.js';
import { decodeTextLine } from '../../operators/decodeTextLine.js';
import { ndarray, type NDArray } from '../../src/arrays/ndarray.js';
import { recordsFromFiles } from '../../src/pipeline/records/recordsFromFiles.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const file = Buffer.from('1,a\r\n2,b\r\n,c\r\n');
const columns = [{ dtype: 'int64', default: -1 }, 'string'] as const;

const newFolder = temporaryFolders();

describe('decodeCsv', () => {
  it('emits columns of shape [n] for batches of n lines', async () => {
    const decoded$: Observable<[NDArray<'int64'>, NDArray<'bytes'>]> = of(file).pipe(
      decodeTextLine(),
      batch(2),
      decodeCsv(columns),
    );
    expect(await lastValueFrom(decoded$.pipe(toArray()))).toEqual([
      [ndarray('int64', [2], BigInt64Array.of(1n, 2n)), ndarray('bytes', [2], [Uint8Array.of(97), Uint8Array.of(98)])],
      [ndarray('int64', [1], BigInt64Array.of(-1n)), ndarray('bytes', [1], [Uint8Array.of(99)])],
    ]);
  });

  it('emits scalars for single lines, which batch stacks', async () => {
    const decoded$: Observable<[NDArray<'int64'>, NDArray<'bytes'>]> = of(file).pipe(
      decodeTextLine({ encoding: 'utf8' }),
      decodeCsv(columns),
      batch(3),
    );
    expect(await lastValueFrom(decoded$)).toEqual([
      ndarray('int64', [3], BigInt64Array.of(1n, 2n, -1n)),
      ndarray('bytes', [3], [Uint8Array.of(97), Uint8Array.of(98), Uint8Array.of(99)]),
    ]);
  });

  it('counts the lines of each subscription, alone and in batches', async () => {
    const numbers = decodeCsv(['int64']);
    for (const source of [of<(string | string[])[]>('1', '2', 'x'), of<(string | string[])[]>(['1', '2'], ['x'])]) {
      for (let i = 0; i < 2; i++) {
        await expect(lastValueFrom(source.pipe(numbers))).rejects.toMatchObject({
          code: 'ERR_FORMAT_MALFORMED',
          format: 'CSV',
          recordIndex: 2,
        });
      }
    }
  });

  it('proposes to skip a first line that seems to be a header', async () => {
    const headed = (lines: string[]): Promise<unknown> =>
      lastValueFrom(of(...lines).pipe(decodeCsv(['int64', 'string'])));
    await expect(headed(['id,name', '1,a'])).rejects.toThrow(
      /found "id"; the line is "id,name"; if this line is a header, skip the header of each file with recordFormat: decodeTextLine\(\{ skipLines: 1 \}\), or with "skipLines": 1 in a declared channel/,
    );
    for (const lines of [['id,7'], ['1,a', 'id,name']]) {
      await expect(headed(lines)).rejects.toThrow(/found "id"; the line is "[^"]*"(?!; if this line is a header)/);
    }
  });

  it('proposes to skip the header of each file, by the number of the line in its file', async () => {
    const decoded = (...files: string[]): Promise<unknown> => {
      const folder = newFolder();
      for (const [index, text] of files.entries()) writeFileSync(join(folder, `${index}.csv`), text);
      const line$ = recordsFromFiles(folder, { recordFormat: 'TextLine' });
      return lastValueFrom(line$.pipe(batch(2), decodeCsv(['int64', 'string'])));
    };
    await expect(decoded('1,a\n2,b\n3,c\n', 'id,name\n4,d\n')).rejects.toThrow(
      /1\.csv, line 1: .*"id,name"; if this line is a header/,
    );
    await expect(decoded('1,a\n', '2,b\nid,name\n')).rejects.toThrow(/1\.csv, line 2: .*the line is "id,name"$/);
  });

  it('says where an option of decodeTextLine belongs', () => {
    expect(() => decodeCsv(['int64'], { skipLines: 1 } as never)).toThrow(
      'unknown key "skipLines": this option belongs to the decoder before decodeCsv, as in decodeTextLine({ skipLines: … })',
    );
  });

  it('lists its own options for an unknown one', () => {
    const known = 'expected one of fieldDelim, useQuoteDelim, naValue, selectCols, onBadRecord, maxBadRecords';
    expect(() => decodeCsv(['int64'], { foo: 1 } as never)).toThrow(known);
  });

  it('throws at the call for invalid arguments', () => {
    expect(() => decodeCsv(['int64'], { selectCols: [0, 1] })).toThrow(
      expect.objectContaining({ code: 'ERR_CONFIG', path: 'selectCols' }),
    );
  });
});
