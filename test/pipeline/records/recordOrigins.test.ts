import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { filter, lastValueFrom, skip, type Observable } from 'rxjs';
import { batch } from '../../../operators/batch.js';
import { decodeCsv } from '../../../operators/decodeCsv.js';
import { decodeTextLine } from '../../../operators/decodeTextLine.js';
import { parseExample } from '../../../operators/parseExample.js';
import { encodeExample } from '../../../src/formats/example/encodeExample.js';
import { encodeTFRecord } from '../../../src/formats/tfrecord/encodeTFRecord.js';
import { fixedLenFeature } from '../../../src/formats/example/features.js';
import { recordsFromFiles } from '../../../src/pipeline/records/recordsFromFiles.js';
import { temporaryFolders } from '../../support/temporaryFolder.js';
import { writeFiles } from '../recordFiles.js';

const newFolder = temporaryFolders();

function folderOf(files: Readonly<Record<string, Uint8Array | string>>): string {
  const folder = newFolder();
  writeFiles(folder, files);
  return folder;
}

describe('a parser after recordsFromFiles', () => {
  const rows = (count: number) => Array.from({ length: count }, (_, row) => `${row},${'text '.repeat(100)}\n`).join('');
  const LINES = { recordFormat: 'TextLine' } as const;
  const COLUMNS = ['int64', 'string'] as const;
  const errorOf = (batches$: Observable<unknown>) =>
    lastValueFrom(batches$).then(
      () => undefined,
      (error: unknown) => error,
    );

  it.each([
    ['in the second file', { 'a.csv': rows(4), 'b.csv': `${rows(2)}x,y\n` }, 'b.csv', 3],
    ['in the second chunk', { 'a.csv': `${rows(3000)}x,y\n` }, 'a.csv', 3001],
    ['in a compressed file', { 'a.csv.gz': gzipSync(`${rows(1000)}x,y\n`) }, 'a.csv.gz', 1001],
  ])('lets its error tell the file and the line: %s', async (_name, files, file, line) => {
    const folder = folderOf(files);
    const lines$ = recordsFromFiles(folder, LINES);
    const error = await errorOf(lines$.pipe(batch(64), decodeCsv(COLUMNS)));
    expect(error).toMatchObject({ name: 'FormatError', format: 'CSV', path: join(folder, file) });
    expect((error as Error).message).toContain(
      `CSV: ${join(folder, file)}, line ${line}: column 1 of 2: expected int64, found "x"; the line is "x,y"`,
    );
  });

  it('counts the lines of the file, also those that were left out', async () => {
    const folder = folderOf({ 'a.csv': `id,name\n\n${rows(3000)}x,y\n` });
    const recordFormat = (bytes$: Observable<Uint8Array>) =>
      bytes$.pipe(
        decodeTextLine(),
        skip(1),
        filter(({ length }) => length > 0),
      );
    const error = await errorOf(recordsFromFiles(folder, { recordFormat }).pipe(batch(64), decodeCsv(COLUMNS)));
    expect((error as Error).message).toContain(
      'a.csv, line 3003: column 1 of 2: expected int64, found "x"; the line is "x,y"',
    );
  });

  it('explains, for lines as strings, how errors can name the file and the line', async () => {
    const folder = folderOf({ 'a.csv': 'x,-\n' });
    const lines$ = recordsFromFiles(folder, { recordFormat: decodeTextLine({ encoding: 'utf8' }) });
    const { message } = (await errorOf(lines$.pipe(decodeCsv(COLUMNS)))) as Error;
    expect(message).toContain('; the line is "x,-"; to see the file and the line number, decode lines as bytes');
  });

  it('names the file once if the parser is part of the record format', async () => {
    const folder = folderOf({ 'a.csv': '1,a\nx,y\n' });
    const recordFormat = (bytes$: Observable<Uint8Array>) => bytes$.pipe(decodeTextLine(), decodeCsv(COLUMNS));
    const { message } = (await errorOf(recordsFromFiles(folder, { recordFormat }))) as Error;
    expect(message).toMatch(/^CSV: [^ ]*a\.csv, line 2: column 1 of 2: .*"x,y"$/);
  });

  it('names the file and the byte of the record in errors of the Example parser', async () => {
    const good = encodeTFRecord(encodeExample({ label: { int64List: [1] } }));
    const bad = encodeTFRecord(encodeExample({ labels: { int64List: [1] } }));
    const folder = folderOf({ 'a.tf': Buffer.concat([good, good]), 'b.tf': Buffer.concat([good, bad]) });
    const records$ = recordsFromFiles(folder, { recordFormat: 'TFRecord' });
    const parsed$ = records$.pipe(batch(64), parseExample({ label: fixedLenFeature([], 'int64') }));
    const at = `${join(folder, 'b.tf')}, record at byte ${good.length + 12}: feature "label"`;
    expect(((await errorOf(parsed$)) as Error).message).toContain(at);
    expect(((await errorOf(parsed$)) as Error).message).toMatch(/\(byte \d+ of the record\)$/);
  });
});
