import { gzipSync } from 'node:zlib';
import { concatMap, map, pipe, repeat, type Observable, type OperatorFunction } from 'rxjs';
import sharp from 'sharp';
import { assertCardinality } from '../../operators/assertCardinality.js';
import { batch } from '../../operators/batch.js';
import { bucketBySequenceLength } from '../../operators/bucketBySequenceLength.js';
import { cache } from '../../operators/cache.js';
import { chooseFromDatasets } from '../../operators/chooseFromDatasets.js';
import { combineAttributes } from '../../operators/combineAttributes.js';
import { decodeCsv } from '../../operators/decodeCsv.js';
import { decodeImage } from '../../operators/decodeImage.js';
import { decodeJson } from '../../operators/decodeJson.js';
import { decodeLibsvm } from '../../operators/decodeLibsvm.js';
import { decodeRecordIO } from '../../operators/decodeRecordIO.js';
import { decodeRecords } from '../../operators/decodeRecords.js';
import { decodeTable } from '../../operators/decodeTable.js';
import { decodeTextLine } from '../../operators/decodeTextLine.js';
import { decodeTFRecord } from '../../operators/decodeTFRecord.js';
import { decodeWholeFile } from '../../operators/decodeWholeFile.js';
import { decompress } from '../../operators/decompress.js';
import { flatMapSources } from '../../operators/flatMapSources.js';
import { groupByWindow } from '../../operators/groupByWindow.js';
import { interleave } from '../../operators/interleave.js';
import { mapAsync } from '../../operators/mapAsync.js';
import { mapWithRandom } from '../../operators/mapWithRandom.js';
import { mapInWorkers } from '../../operators/mapInWorkers.js';
import { monitor } from '../../operators/monitor.js';
import { paddedBatch } from '../../operators/paddedBatch.js';
import { parseExample } from '../../operators/parseExample.js';
import { parseImageRecord } from '../../operators/parseImageRecord.js';
import { parseExampleList } from '../../operators/parseExampleList.js';
import { parseRecordProtobuf } from '../../operators/parseRecordProtobuf.js';
import { parseSequenceExample } from '../../operators/parseSequenceExample.js';
import { parseSingleExample } from '../../operators/parseSingleExample.js';
import { prefetch } from '../../operators/prefetch.js';
import { rebatch } from '../../operators/rebatch.js';
import { rejectionResample } from '../../operators/rejectionResample.js';
import { report } from '../../operators/report.js';
import { sampleFromDatasets } from '../../operators/sampleFromDatasets.js';
import { shard } from '../../operators/shard.js';
import { shuffle } from '../../operators/shuffle.js';
import { snapshot } from '../../operators/snapshot.js';
import { split } from '../../operators/split.js';
import { timeSeries } from '../../operators/timeSeries.js';
import { unbatch } from '../../operators/unbatch.js';
import { window } from '../../operators/window.js';
import { zipChannels } from '../../operators/zipChannels.js';
import { ndarray } from '../../src/arrays/ndarray.js';
import { rememberCopy } from '../../src/base/origins.js';
import { encodeExample } from '../../src/formats/example/encodeExample.js';
import { encodeImageRecord } from '../../src/formats/imageRecord/imageRecord.js';
import { encodeRecordIO } from '../../src/formats/recordio/encodeRecordIO.js';
import { encodeRecordProtobuf } from '../../src/formats/recordProtobuf/encodeRecordProtobuf.js';
import { encodeSequenceExample } from '../../src/formats/example/encodeSequenceExample.js';
import { encodeTFRecord } from '../../src/formats/tfrecord/encodeTFRecord.js';
import { field } from '../formats/support/wire.js';
import { fixedLenFeature } from '../../src/formats/example/features.js';
import { TFRecordReader } from '../../src/formats/tfrecord/tfRecordReader.js';
import { fromIterable } from '../../src/sources/fromIterable.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const newFolder = temporaryFolders();

/** Makes a new stage that takes numbers. Its items differ as JSON. */
export type MakeStage = () => OperatorFunction<number, unknown>;

/** The number of items that a stage gets. */
export const COUNT = 24;

/** Operators that `resumable` rejects, and `resumable` itself. */
export const REFUSED = ['broadcast', 'mergeChannels'];

const bytesOf = (item: number): Buffer => Buffer.from(String(item));
const features = { n: fixedLenFeature([], 'float32') };
const exampleOf = (item: number): Uint8Array => encodeExample({ n: { floatList: [item] } });
const numbers = (): Observable<number> => fromIterable(Array.from({ length: 100 }, (_, i) => 1000 + i));
/** Encodes three numbers at a time, cut so that records span chunks. */
const inOddChunks = (encode: (item: number) => Uint8Array): OperatorFunction<number, Uint8Array> =>
  concatMap((item) => {
    const bytes = encode(item);
    return [bytes.subarray(0, 2), bytes.subarray(2)];
  });
const text = map((bytes: Uint8Array) => Buffer.from(bytes).toString('latin1'));
const decoded = (
  encode: (item: number) => Uint8Array,
  decoder: OperatorFunction<Uint8Array, Uint8Array>,
): OperatorFunction<number, string> => pipe(inOddChunks(encode), decoder, text);
const plain = map((value: unknown) =>
  JSON.stringify(value, (_key, part: unknown) => (ArrayBuffer.isView(part) ? [...(part as Float32Array)] : part)),
);
const png = (grey: number): Promise<Buffer> =>
  sharp({ create: { width: 1, height: 1, channels: 3, background: { r: grey, g: 0, b: 0 } } })
    .png()
    .toBuffer();
const later = (item: number): Promise<number> => new Promise((resolve) => setImmediate(resolve, item));
const array = map((item: number) => ndarray('int32', [1 + (item % 3)], new Int32Array(1 + (item % 3)).fill(item)));
/** One worker for all, because a start is slow. */
const inWorkers = mapInWorkers(new URL('../workers/functions.ts', import.meta.url), {
  workers: 1,
  concurrency: 3,
  idleTimeoutMs: 1000,
});

/** Each operator, some with several options, by name and description. */
export const stagesByName: Readonly<Record<string, MakeStage>> = {
  assertCardinality: () => assertCardinality(COUNT),
  batch: () => batch(5),
  'batch that drops the remainder': () => batch(5, { dropRemainder: true }),
  bucketBySequenceLength: () =>
    pipe(
      array,
      bucketBySequenceLength({
        elementLength: ({ data }) => data.length,
        bucketBoundaries: [2],
        bucketBatchSizes: [3, 4],
      }),
      plain,
    ),
  cache: () => cache(),
  chooseFromDatasets: () => (source$) =>
    chooseFromDatasets([source$, numbers()], fromIterable([0, 1, 0]).pipe(repeat())),
  'chooseFromDatasets for its choices': () => (source$) =>
    chooseFromDatasets([numbers(), numbers()], source$.pipe(map((item) => item % 2))),
  combineAttributes: () => pipe(map(bytesOf), combineAttributes({ a: 'json', b: 'text' })),
  decodeCsv: () => pipe(map(String), decodeCsv(['int32']), plain),
  decodeImage: () => pipe(mapAsync(png), decodeImage({ concurrency: 3 }), plain),
  decodeJson: () => pipe(map(String), decodeJson()),
  decodeLibsvm: () =>
    pipe(
      map(String),
      decodeLibsvm({ features: 1 }),
      map(({ label }) => label.data[0] ?? NaN),
    ),
  decodeRecordIO: () => decoded((item) => encodeRecordIO(bytesOf(item)), decodeRecordIO()),
  decodeRecords: () =>
    decoded(
      (item) => encodeTFRecord(bytesOf(item)),
      decodeRecords(() => new TFRecordReader()),
    ),
  decodeTable: () =>
    decoded(
      (item) => Buffer.from(`${item}\n`),
      pipe(
        decodeTable({ batchSize: 1, columnNames: ['item'], columns: { item: 'string' } }),
        map(({ item }) => item.data[0] ?? new Uint8Array(0)),
      ),
    ),
  decodeTextLine: () => decoded((item) => Buffer.from(`${item}\n`), decodeTextLine()),
  decodeTFRecord: () => decoded((item) => encodeTFRecord(bytesOf(item)), decodeTFRecord()),
  decodeWholeFile: () =>
    pipe(
      map((item) => {
        const chunk = Uint8Array.from(bytesOf(item));
        rememberCopy(chunk, { path: 'file', byteOffset: 0, lineNumber: undefined });
        return chunk;
      }),
      decodeWholeFile(),
      plain,
    ),
  decompress: () => decoded((item) => gzipSync(`${item}\n`), pipe(decompress('gzip'), decodeTextLine())),
  'decompress that finds out': () =>
    decoded((item) => gzipSync(`${item}\n`), pipe(decompress('auto'), decodeTextLine())),
  flatMapSources: () => flatMapSources((item) => fromIterable([item, item + 100])),
  groupByWindow: () => groupByWindow({ key: (item) => item % 3, windowSize: 4 }),
  interleave: () => interleave((item) => fromIterable([item, item + 100, item + 200]), { cycleLength: 3 }),
  mapAsync: () => mapAsync(later, { concurrency: 3 }),
  mapWithRandom: () => mapWithRandom((item) => item, { seed: 7 }),
  'mapAsync at once': () => mapAsync((item) => item, { concurrency: 3 }),
  mapInWorkers: () => inWorkers,
  monitor: () => monitor({ onReport: () => undefined }),
  paddedBatch: () => pipe(array, paddedBatch(5), plain),
  parseExample: () => pipe(map(exampleOf), batch(5), parseExample(features), plain),
  parseImageRecord: () =>
    pipe(
      map((item) => encodeImageRecord(bytesOf(item), item)),
      parseImageRecord(),
      map(({ image, label }) => [image, label]),
      plain,
    ),
  parseRecordProtobuf: () =>
    pipe(
      map((item: number) =>
        encodeRecordProtobuf({ features: { values: ndarray('float32', [1], Float32Array.of(item)) } }),
      ),
      parseRecordProtobuf({ features: { values: { kind: 'dense', dtype: 'float32' } } }),
      plain,
    ),
  parseExampleList: () =>
    pipe(
      map((item: number) => Uint8Array.from(field(2, exampleOf(item)))),
      parseExampleList({ context: features, examples: {} }),
      map(({ context }) => context),
      plain,
    ),
  parseSequenceExample: () =>
    pipe(
      map((item: number) => encodeSequenceExample({ context: { n: { floatList: [item] } }, sequence: {} })),
      parseSequenceExample({ context: features, sequence: {} }),
      plain,
    ),
  parseSingleExample: () => pipe(map(exampleOf), parseSingleExample(features), plain),
  prefetch: () => prefetch(4),
  'prefetch of bytes': () => prefetch({ bytes: 30, sizeOf: () => 10 }),
  report: () => report(),
  rebatch: () => pipe(batch<number>(5), rebatch([2, 4])),
  rejectionResample: () =>
    pipe(
      rejectionResample((item) => item % 2, [0.3, 0.7], { seed: 3 }),
      map(([, item]) => item),
    ),
  sampleFromDatasets: () => (source$) =>
    sampleFromDatasets([source$, numbers()], { seed: 3, stopOnEmptyDataset: true }),
  shard: () => shard({ count: 3, index: 1 }),
  shuffle: () => shuffle(5, { seed: 3 }),
  'shuffle of batches, and unbatch': () =>
    pipe(batch<number>(3), shuffle(3, { seed: 3 }), unbatch(), shuffle(7, { seed: 4 })),
  snapshot: () => snapshot(newFolder(), { key: 'v1' }),
  split: () => split({ most: 0.7 }, { part: 'most', by: (item) => item }),
  timeSeries: () => timeSeries({ length: 3, offset: 2, samplingRate: 2 }),
  unbatch: () => pipe(batch<number>(5), unbatch()),
  window: () => window(4, { shift: 3, stride: 2 }),
  zipChannels: () => (source$) => zipChannels([source$, numbers()], { stop: 'shortest' }),
  'zipChannels that goes on': () => (source$) => zipChannels([source$, numbers()], { stop: 'longest' }),
};
