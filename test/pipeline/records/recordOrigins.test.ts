import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { count, filter, lastValueFrom, skip, type Observable, type OperatorFunction } from 'rxjs';
import sharp from 'sharp';
import { batch } from '../../../operators/batch.js';
import { combineAttributes } from '../../../operators/combineAttributes.js';
import { decodeCsv } from '../../../operators/decodeCsv.js';
import { decodeImage } from '../../../operators/decodeImage.js';
import { decodeRecordIO } from '../../../operators/decodeRecordIO.js';
import { decodeRecords } from '../../../operators/decodeRecords.js';
import { decodeTextLine } from '../../../operators/decodeTextLine.js';
import { decodeTFRecord } from '../../../operators/decodeTFRecord.js';
import { decompress } from '../../../operators/decompress.js';
import { parseExample } from '../../../operators/parseExample.js';
import { FormatError, type ValueError } from '../../../src/base/errors.js';
import { encodeExample } from '../../../src/formats/example/encodeExample.js';
import { encodeRecordIO } from '../../../src/formats/recordio/encodeRecordIO.js';
import { encodeTFRecord } from '../../../src/formats/tfrecord/encodeTFRecord.js';
import { TFRecordReader } from '../../../src/formats/tfrecord/tfRecordReader.js';
import { fixedLenFeature } from '../../../src/formats/example/features.js';
import { recordsFromFiles } from '../../../src/pipeline/records/recordsFromFiles.js';
import { fromFile } from '../../../src/sources/fromFile.js';
import { temporaryFolders } from '../../support/temporaryFolder.js';
import { writeFiles } from '../recordFiles.js';

const newFolder = temporaryFolders();
const CREATE = { width: 2, height: 1, channels: 3, background: { r: 1, g: 2, b: 3 } } as const;

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
    expect(message).toContain('; the line is "x,-"; to see the file and the line number, parse lines as bytes');
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

  it('names the file and the byte of a record that is no image', async () => {
    const good = encodeRecordIO(await sharp({ create: CREATE }).png().toBuffer());
    const folder = folderOf({ 'a.rec': good, 'b.rec': Buffer.concat([good, encodeRecordIO(Buffer.from('text'))]) });
    const images$ = recordsFromFiles(folder, { recordFormat: 'RecordIO' }).pipe(decodeImage());
    expect(await errorOf(images$)).toMatchObject({
      path: join(folder, 'b.rec'),
      message: `image: ${join(folder, 'b.rec')}, record at byte ${good.length + 8}: expected a JPEG or PNG image, found 4 bytes in a different format`,
    });
  });

  it('names the file and the byte of an image that is skipped, to the function that decides', async () => {
    const path = join(folderOf({ 'a.rec': encodeRecordIO(Buffer.from('text')) }), 'a.rec');
    const paths: unknown[] = [];
    const onBadRecord = (error: FormatError | ValueError) => {
      paths.push(error instanceof FormatError ? error.path : undefined);
      return 'skip' as const;
    };
    const images$ = recordsFromFiles(path, { recordFormat: 'RecordIO' }).pipe(decodeImage({ onBadRecord }), count());
    expect(await lastValueFrom(images$)).toBe(0);
    expect(paths).toEqual([path]);
  });

  it.each([
    ['the bad attribute', ['"a"', '1', '"b"', '{'], 3, 'attribute "label" is not JSON (line 2 of the manifest)'],
    ['the first record of a line that is cut off', ['"a"', '1', '"b"'], 2, 'the channel ends before attribute "label"'],
  ])('names the file and the byte of %s', async (_name, texts, index, reason) => {
    const frames = texts.map((text) => encodeRecordIO(Buffer.from(text)));
    const path = join(folderOf({ 'a.rec': Buffer.concat(frames) }), 'a.rec');
    const records$ = recordsFromFiles(path, { recordFormat: 'RecordIO' });
    const byteOffset = Buffer.concat(frames.slice(0, index)).length + 8;
    const { message } = (await errorOf(records$.pipe(combineAttributes({ id: 'json', label: 'json' })))) as Error;
    expect(message).toContain(`augmented manifest: ${path}, record at byte ${byteOffset}: ${reason}`);
  });

  it.each<[string, OperatorFunction<Uint8Array, unknown>, string]>([
    ['decodeTFRecord', decodeTFRecord(), 'is damaged, or has a different format: the checksum'],
    ['decodeRecordIO', decodeRecordIO(), 'does not follow its format: expected the magic word'],
    ['decodeTextLine', decodeTextLine({ encoding: 'utf8' }), 'does not follow its format: the line is not valid UTF-8'],
    ['decodeRecords', decodeRecords(() => new TFRecordReader()), 'is damaged, or has a different format: the checksum'],
  ])('names the file of bytes that %s cannot decode', async (_name, decoder, reason) => {
    const good = encodeTFRecord(Buffer.from('abc'));
    const path = join(folderOf({ 'a.bin': Buffer.concat([good, good.fill(0xff, 12, 14)]) }), 'a.bin');
    const error = await errorOf(fromFile(path).pipe(decoder));
    expect(error).toMatchObject({ path, message: expect.stringContaining(`: the file ${path} ${reason}`) });
  });

  it('names the file of bytes that decompress cannot read', async () => {
    const path = join(folderOf({ 'a.bin': gzipSync(Buffer.alloc(100)).subarray(0, 20) }), 'a.bin');
    expect(await errorOf(fromFile(path).pipe(decompress('gzip')))).toMatchObject({
      path,
      message: expect.stringContaining(`gzip: the file ${path} is truncated: the input ends inside`),
    });
  });

  it('names the file of bytes that a decoder skips, to the function that decides', async () => {
    const path = join(folderOf({ 'a.bin': encodeTFRecord(Buffer.from('abc')).fill(0xff, 12, 14) }), 'a.bin');
    const paths: unknown[] = [];
    const onBadRecord = (error: FormatError | ValueError) => {
      paths.push(error instanceof FormatError ? error.path : undefined);
      return 'skip' as const;
    };
    expect(await lastValueFrom(fromFile(path).pipe(decodeTFRecord({ onBadRecord }), count()))).toBe(0);
    expect(paths).toEqual([path]);
  });
});
