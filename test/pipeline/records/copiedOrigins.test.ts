import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { filter, ignoreElements, lastValueFrom, repeat, skip, tap, type Observable, type OperatorFunction } from 'rxjs';
import { batch } from '../../../operators/batch.js';
import { cache } from '../../../operators/cache.js';
import { bucketBySequenceLength } from '../../../operators/bucketBySequenceLength.js';
import { decodeCsv } from '../../../operators/decodeCsv.js';
import { decodeTextLine } from '../../../operators/decodeTextLine.js';
import { decodeTFRecord } from '../../../operators/decodeTFRecord.js';
import { decompress } from '../../../operators/decompress.js';
import { flatMapSources } from '../../../operators/flatMapSources.js';
import { mapAsync } from '../../../operators/mapAsync.js';
import { parseExample } from '../../../operators/parseExample.js';
import { parseRecordProtobuf } from '../../../operators/parseRecordProtobuf.js';
import { resumable } from '../../../operators/resumable.js';
import { shuffle } from '../../../operators/shuffle.js';
import { ndarray } from '../../../src/arrays/ndarray.js';
import { encodeExample } from '../../../src/formats/example/encodeExample.js';
import { fixedLenFeature } from '../../../src/formats/example/features.js';
import { encodeRecordIO } from '../../../src/formats/recordio/encodeRecordIO.js';
import { encodeRecordProtobuf } from '../../../src/formats/recordProtobuf/encodeRecordProtobuf.js';
import { encodeTFRecord } from '../../../src/formats/tfrecord/encodeTFRecord.js';
import { recordsFromFiles } from '../../../src/pipeline/records/recordsFromFiles.js';
import { fromFifo } from '../../../src/sources/fromFifo.js';
import { fromFile } from '../../../src/sources/fromFile.js';
import { fromIterable } from '../../../src/sources/fromIterable.js';
import type * as sources from '../../../src/sources/inWorker.js';
import { compiled, compiledUrl } from '../../support/compiled.js';
import { feedFifo, makeFifo } from '../../support/fifoWriter.js';
import { temporaryFolders } from '../../support/temporaryFolder.js';
import { writeFiles } from '../recordFiles.js';

const newFolder = temporaryFolders();

function folderOf(files: Readonly<Record<string, Uint8Array | string>>): string {
  const folder = newFolder();
  writeFiles(folder, files);
  return folder;
}

type Stage = OperatorFunction<Uint8Array, Uint8Array>;

const later = (line: Uint8Array): Promise<Uint8Array> => Promise.resolve(line);
const BUCKETS = {
  elementLength: (line: Uint8Array) => line.length,
  bucketBoundaries: [20, 60],
  bucketBatchSizes: [8, 8, 8],
};

const COLUMNS = ['int64', { dtype: 'float32', name: 'weight' }] as const;
const BAD = '12344,heavy';
const rows = (count: number, lineEnd = '\n') =>
  Array.from({ length: count }, (_, row) => `${row},${row / 2}${' '.repeat(row % 90)}${lineEnd}`).join('');
/** The bad line has the number 12,345. */
const withBadLine = (lineEnd = '\n') => `id,weight${lineEnd}${rows(12_343, lineEnd)}${BAD}${lineEnd}`;
const FILES = { 'a.csv': `id,weight\n${rows(300)}`, 'b.csv': `${withBadLine()}${rows(50)}` };

const shuffled = (): Stage => shuffle(1000, { seed: 7 });
const linesOf = (folder: string, carriageReturns: 'all' | 'beforeNewline' = 'beforeNewline') =>
  recordsFromFiles(join(folder, '*'), {
    recordFormat: (bytes$: Observable<Uint8Array>) => bytes$.pipe(decodeTextLine({ carriageReturns }), skip(1)),
  });

async function messageOf(items$: Observable<unknown>): Promise<string> {
  const error: unknown = await lastValueFrom(items$.pipe(ignoreElements())).catch((thrown: unknown) => thrown);
  return error instanceof Error ? error.message : `no error, but ${String(error)}`;
}

const found = (path: string, line = 12_345) =>
  `CSV: ${path}, line ${line}: column "weight" (column 2 of 2): expected float32, found "heavy"; the line is "${BAD}"`;

describe('the error of a line of CSV', () => {
  it.each<[string, (lines$: Observable<Uint8Array>) => Observable<unknown>]>([
    ['shuffle', (lines$) => lines$.pipe(shuffled(), decodeCsv(COLUMNS))],
    ['shuffle and batch', (lines$) => lines$.pipe(shuffled(), batch(64), decodeCsv(COLUMNS))],
    ['two shuffles', (lines$) => lines$.pipe(shuffled(), shuffle(100, { seed: 1 }), decodeCsv(COLUMNS))],
    ['cache', (lines$) => lines$.pipe(cache(), decodeCsv(COLUMNS))],
    ['shuffle and mapAsync', (lines$) => lines$.pipe(shuffled(), mapAsync(later), decodeCsv(COLUMNS))],
    ['resumable', (lines$) => lines$.pipe(shuffled(), decodeCsv(COLUMNS), resumable())],
    [
      'bucketBySequenceLength',
      (lines$) => lines$.pipe(shuffled(), bucketBySequenceLength(BUCKETS), decodeCsv(COLUMNS)),
    ],
    [
      'flatMapSources',
      (lines$) =>
        fromIterable([1, 2]).pipe(
          flatMapSources(() => lines$.pipe(shuffled())),
          decodeCsv(COLUMNS),
        ),
    ],
    [
      'mapAsync without order, and shuffle',
      (lines$) => lines$.pipe(mapAsync(later, { ordered: false, concurrency: 8 }), shuffled(), decodeCsv(COLUMNS)),
    ],
  ])('names the file and the line after %s', async (_name, pipeline) => {
    const folder = folderOf(FILES);
    expect(await messageOf(pipeline(linesOf(folder)))).toContain(found(join(folder, 'b.csv')));
  });

  it('names the file and the line after a shuffle of files that are read in turns', async () => {
    const folder = folderOf(FILES);
    const lines$ = recordsFromFiles(folder, { recordFormat: 'TextLine', cycleLength: 2 });
    const parsed$ = lines$.pipe(
      filter((line) => line[0] !== 'i'.charCodeAt(0)),
      shuffled(),
      decodeCsv(COLUMNS),
    );
    expect(await messageOf(parsed$)).toContain(found(join(folder, 'b.csv')));
  });

  it('names the file and the line in a later epoch of repeat', async () => {
    const folder = folderOf({ 'a.csv': FILES['a.csv'] });
    const spoil = (): void => writeFiles(folder, { 'b.csv': FILES['b.csv'] });
    const parsed$ = linesOf(folder).pipe(shuffled(), decodeCsv(COLUMNS), tap({ complete: spoil }), repeat(2));
    expect(await messageOf(parsed$)).toContain(found(join(folder, 'b.csv')));
  });

  it('names the file and the line if both are read in a worker', async () => {
    const folder = folderOf(FILES);
    // A worker of the compiled package starts without tsx, which takes most of a second.
    const { inWorker } = (await import(compiled('src/sources/inWorker.ts'))) as typeof sources;
    const module = new URL(compiledUrl('test/workers/recordPipelines.ts'));
    const batches$ = inWorker(module, { exportName: 'parsedLines', data: { pattern: join(folder, '*') } });
    expect(await messageOf(batches$)).toContain(found(join(folder, 'b.csv')));
    await batches$.close();
  });

  it.each([true, false])(
    'names the file and the line of a last line without newline (shuffled: %p)',
    async (isShuffled) => {
      const folder = folderOf({ 'b.csv': withBadLine().trimEnd() });
      const lines$ = isShuffled ? linesOf(folder).pipe(shuffled()) : linesOf(folder);
      expect(await messageOf(lines$.pipe(decodeCsv(COLUMNS)))).toContain(found(join(folder, 'b.csv')));
    },
  );

  it.each([true, false])(
    'names the file and the line of a line that spans chunks (shuffled: %p)',
    async (isShuffled) => {
      const path = join(folderOf(FILES), 'b.csv');
      const chunkBytes = FILES['b.csv'].indexOf(BAD) + 3;
      const lines$ = fromFile(path, { chunkBytes }).pipe(decodeTextLine(), skip(1));
      const parsed$ = (isShuffled ? lines$.pipe(shuffled()) : lines$).pipe(decodeCsv(COLUMNS));
      expect(await messageOf(parsed$)).toContain(found(path));
    },
  );

  it('names the file and the line of a compressed file', async () => {
    const folder = folderOf({ 'b.csv.gz': gzipSync(FILES['b.csv']) });
    expect(await messageOf(linesOf(folder).pipe(shuffled(), decodeCsv(COLUMNS)))).toContain(
      found(join(folder, 'b.csv.gz')),
    );
  });

  it('names the file and the line of bytes that decompress has read', async () => {
    const path = join(folderOf({ 'b.bin': gzipSync(FILES['b.csv']) }), 'b.bin');
    const lines$ = fromFile(path).pipe(decompress('auto'), decodeTextLine(), skip(1), shuffled());
    expect(await messageOf(lines$.pipe(decodeCsv(COLUMNS)))).toContain(found(path));
  });

  it.each(['all', 'beforeNewline'] as const)(
    'names the file and the line if lines end in CRLF (%s)',
    async (returns) => {
      const folder = folderOf({ 'b.csv': withBadLine('\r\n') });
      const parsed$ = linesOf(folder, returns).pipe(shuffled(), decodeCsv(COLUMNS));
      expect(await messageOf(parsed$)).toContain(found(join(folder, 'b.csv')));
    },
  );

  it('names the file and the line of a line from which carriage returns were dropped', async () => {
    const folder = folderOf({ 'b.csv': withBadLine().replace(BAD, `12344,\rheavy`) });
    const parsed$ = linesOf(folder, 'all').pipe(decodeCsv(COLUMNS));
    expect(await messageOf(parsed$)).toContain(found(join(folder, 'b.csv')));
  });

  it('names the FIFO and the line of its bytes', async () => {
    const path = makeFifo(join(newFolder(), 'train_0'));
    const parsed$ = fromFifo(path).pipe(decodeTextLine(), skip(1), shuffled(), decodeCsv(COLUMNS));
    const [message] = await Promise.all([messageOf(parsed$), feedFifo(path, Buffer.from(FILES['b.csv']))]);
    expect(message).toContain(found(path));
  });
});

describe('the error of a parser of records after shuffle', () => {
  /** Returns copies of a good record with one bad record, and the byte offset of the bad record. */
  const spoilt = (good: Uint8Array, bad: Uint8Array, headerBytes: number) => ({
    bytes: Buffer.concat([...Array<Uint8Array>(5000).fill(good), bad, good]),
    byteOffset: 5000 * good.length + headerBytes,
  });

  it('names the file and the byte of an Example', async () => {
    const example = (name: string) => encodeTFRecord(encodeExample({ [name]: { int64List: [1] } }));
    const { bytes, byteOffset } = spoilt(example('label'), example('other'), 12);
    const path = join(folderOf({ 'a.tfrecord': bytes }), 'a.tfrecord');
    const records$ = recordsFromFiles(path, { recordFormat: 'TFRecord' }).pipe(shuffle(1000, { seed: 7 }), batch(64));
    const message = await messageOf(records$.pipe(parseExample({ label: fixedLenFeature([], 'int64') })));
    expect(message).toContain(`Example: ${path}, record at byte ${byteOffset}: feature "label"`);
  });

  it('names the file and the byte of a record of application/x-recordio-protobuf', async () => {
    const record = (name: string) =>
      encodeRecordIO(encodeRecordProtobuf({ features: { [name]: ndarray('float32', [1], Float32Array.of(1)) } }));
    const { bytes, byteOffset } = spoilt(record('values'), record('others'), 8);
    const path = join(folderOf({ 'a.rec': bytes }), 'a.rec');
    const records$ = recordsFromFiles(path, { recordFormat: 'RecordIO' }).pipe(shuffle(1000, { seed: 7 }), batch(64));
    const message = await messageOf(records$.pipe(parseRecordProtobuf({ features: { values: { dtype: 'float32' } } })));
    expect(message).toContain(`${path}, record at byte ${byteOffset}: `);
  });

  it('names the file and the byte of a record that spans chunks', async () => {
    const example = (name: string) => encodeTFRecord(encodeExample({ [name]: { int64List: [1] } }));
    const { bytes, byteOffset } = spoilt(example('label'), example('other'), 12);
    const path = join(folderOf({ 'a.tfrecord': bytes }), 'a.tfrecord');
    const records$ = fromFile(path, { chunkBytes: byteOffset + 3 }).pipe(decodeTFRecord(), batch(64));
    const message = await messageOf(records$.pipe(parseExample({ label: fixedLenFeature([], 'int64') })));
    expect(message).toContain(`${path}, record at byte ${byteOffset}: `);
  });
});
