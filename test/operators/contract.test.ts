import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { EMPTY, NEVER, defer, Observable, of, take, throwError, type OperatorFunction } from 'rxjs';
import { batch } from '../../operators/batch.js';
import { broadcast } from '../../operators/broadcast.js';
import { bucketBySequenceLength } from '../../operators/bucketBySequenceLength.js';
import { cache } from '../../operators/cache.js';
import { combineAttributes } from '../../operators/combineAttributes.js';
import { decodeCsv } from '../../operators/decodeCsv.js';
import { decodeImage } from '../../operators/decodeImage.js';
import { decodeJson } from '../../operators/decodeJson.js';
import { decodeLibsvm } from '../../operators/decodeLibsvm.js';
import { decodeRecordIO } from '../../operators/decodeRecordIO.js';
import { decodeTable } from '../../operators/decodeTable.js';
import { decodeTextLine } from '../../operators/decodeTextLine.js';
import { decodeTFRecord } from '../../operators/decodeTFRecord.js';
import { decodeWholeFile } from '../../operators/decodeWholeFile.js';
import { decompress } from '../../operators/decompress.js';
import { flatMapSources } from '../../operators/flatMapSources.js';
import { groupByWindow } from '../../operators/groupByWindow.js';
import { interleave } from '../../operators/interleave.js';
import { mapAsync } from '../../operators/mapAsync.js';
import * as operators from '../../operators/index.js';
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
import { resumable } from '../../operators/resumable.js';
import { shard } from '../../operators/shard.js';
import { shuffle } from '../../operators/shuffle.js';
import { split } from '../../operators/split.js';
import { timeSeries } from '../../operators/timeSeries.js';
import { unbatch } from '../../operators/unbatch.js';
import { window } from '../../operators/window.js';
import { decodeRecords } from '../../operators/decodeRecords.js';
import { encodeExample } from '../../src/formats/example/encodeExample.js';
import { ndarray } from '../../src/arrays/ndarray.js';
import { encodeImageRecord } from '../../src/formats/imageRecord/imageRecord.js';
import { encodeRecordProtobuf } from '../../src/formats/recordProtobuf/encodeRecordProtobuf.js';
import { encodeRecordIO } from '../../src/formats/recordio/encodeRecordIO.js';
import { encodeTFRecord } from '../../src/formats/tfrecord/encodeTFRecord.js';
import { TFRecordReader } from '../../src/formats/tfrecord/tfRecordReader.js';
import { field } from '../formats/support/wire.js';
import { fixedLenFeature } from '../../src/formats/example/features.js';
import { marbles } from '../support/marbles.js';

interface Subject {
  readonly make: () => OperatorFunction<never, unknown>;
  /** An item that leads to at least one result immediately. */
  readonly item: unknown;
  /** True if results arrive on later turns, which virtual time cannot show. */
  readonly isAsync?: boolean;
}

const example = encodeExample({ x: { int64List: [1n] } });
const features = { x: fixedLenFeature([], 'int64') };
const subjects: Record<string, Subject> = {
  batch: { make: () => batch(1), item: 1 },
  broadcast: { make: () => broadcast({ sinks: 1 }), item: 1 },
  bucketBySequenceLength: {
    make: () => bucketBySequenceLength({ elementLength: () => 1, bucketBoundaries: [2], bucketBatchSizes: [1, 1] }),
    item: 1,
  },
  // A new cache for each subscription, because this table requires a subscription of the source for each.
  cache: { make: () => (source) => defer(() => source.pipe(cache())), item: 1 },
  combineAttributes: { make: () => combineAttributes(1), item: example },
  decodeCsv: { make: () => decodeCsv(['string']), item: 'a' },
  decodeImage: { make: () => decodeImage(), item: example, isAsync: true },
  decodeJson: { make: () => decodeJson(), item: '1' },
  decodeLibsvm: { make: () => decodeLibsvm({ features: 1 }), item: '1 1:1' },
  decodeRecordIO: { make: () => decodeRecordIO(), item: encodeRecordIO(example) },
  decodeRecords: {
    make: () => decodeRecords(() => new TFRecordReader()),
    item: encodeTFRecord(example),
  },
  decodeTFRecord: { make: () => decodeTFRecord(), item: encodeTFRecord(example) },
  decodeTable: {
    make: () => decodeTable({ batchSize: 1, columnNames: ['a'], columns: { a: 'int32' } }),
    item: Buffer.from('1\n'),
  },
  decodeTextLine: { make: () => decodeTextLine(), item: Buffer.from('a\n') },
  // The only record arrives when the source completes.
  decodeWholeFile: { make: () => decodeWholeFile(), item: Buffer.from('a'), isAsync: true },
  decompress: { make: () => decompress('gzip'), item: gzipSync('a'), isAsync: true },
  flatMapSources: { make: () => flatMapSources((item: number) => of(item)), item: 1 },
  groupByWindow: { make: () => groupByWindow({ key: () => 1, windowSize: 1 }), item: 1 },
  interleave: { make: () => interleave((item: number) => of(item)), item: 1 },
  mapAsync: { make: () => mapAsync((item) => Promise.resolve(item)), item: 1, isAsync: true },
  mapWithRandom: { make: () => mapWithRandom((item) => item, { seed: 7 }), item: 1 },
  // The first item would start the workers. test/operators/mapInWorkers.test.ts tests items.
  mapInWorkers: {
    make: () => mapInWorkers(new URL('../workers/functions.ts', import.meta.url), { idleTimeoutMs: 0 }),
    item: 1,
    isAsync: true,
  },
  monitor: { make: () => monitor({ onReport: () => undefined }), item: 1 },
  paddedBatch: { make: () => paddedBatch(1), item: 1 },
  parseExample: { make: () => parseExample(features), item: [example] },
  parseImageRecord: { make: () => parseImageRecord(), item: encodeImageRecord(example, 1) },
  parseExampleList: {
    make: () => parseExampleList({ context: {}, examples: features }),
    item: Uint8Array.from(field(1, example)),
  },
  parseRecordProtobuf: {
    make: () => parseRecordProtobuf({ features: { x: { dtype: 'float32' } } }),
    item: encodeRecordProtobuf({ features: { x: ndarray('float32', [1], Float32Array.of(1)) } }),
  },
  parseSequenceExample: { make: () => parseSequenceExample({ context: features, sequence: {} }), item: example },
  parseSingleExample: {
    make: () => parseSingleExample(features),
    item: example,
  },
  prefetch: { make: () => prefetch(2), item: 1 },
  rebatch: { make: () => rebatch(1), item: [1] },
  rejectionResample: { make: () => rejectionResample(() => 0, [1], { initialDist: [1] }), item: 1 },
  report: { make: () => report(), item: 1 },
  resumable: { make: () => resumable(), item: 1 },
  shard: { make: () => shard({ count: 1, index: 0 }), item: 1 },
  shuffle: { make: () => shuffle(1), item: 1 },
  split: { make: () => split({ all: 1 }, { part: 'all' }), item: 'a' },
  timeSeries: { make: () => timeSeries({ length: 1, offset: 0 }), item: 1 },
  unbatch: { make: () => unbatch(), item: [1] },
  window: { make: () => window(1), item: 1 },
};

/** These have separate tests: operators with several sources, with an ending that depends on the number of items, or that wait for a disk. */
const separate = [
  'assertCardinality',
  'chooseFromDatasets',
  'mergeChannels',
  'sampleFromDatasets',
  'snapshot',
  'zipChannels',
];

describe('every operator', () => {
  it('is in this test', () => {
    const pipeable = Object.keys(operators).filter((name) => !separate.includes(name));
    expect(Object.keys(subjects).sort()).toEqual(pipeable.sort());
  });

  for (const [name, { make, item, isAsync }] of Object.entries(subjects)) {
    describe(name, () => {
      it('never ends if its source never ends', () => {
        marbles(({ expectObservable }) => {
          expectObservable(NEVER.pipe(make())).toBe('-');
        });
      });

      it('is empty if its source is empty', () => {
        marbles(({ cold, expectObservable, expectSubscriptions }) => {
          const source = cold<never>('--|');
          expectObservable(source.pipe(make())).toBe('--|');
          expectSubscriptions(source.subscriptions).toBe('^-!');
          expectObservable(EMPTY.pipe(make())).toBe('|');
        });
      });

      it('fails when its source fails, at the same time', () => {
        marbles(({ cold, expectObservable, expectSubscriptions }) => {
          const source = cold<never>('--#', undefined, 'source');
          expectObservable(source.pipe(make())).toBe('--#', undefined, 'source');
          expectSubscriptions(source.subscriptions).toBe('^-!');
          expectObservable(throwError(() => 'at once').pipe(make())).toBe('#', undefined, 'at once');
        });
      });

      it('unsubscribes its source when it is unsubscribed', () => {
        marbles(({ hot, expectObservable, expectSubscriptions }) => {
          const source = hot('--a--a--|', { a: item as never });
          expectObservable(source.pipe(make(), take(0)), '^---!').toBe('|');
          const unsubscribed = hot<never>('---------|');
          expectObservable(unsubscribed.pipe(make()), '^---!').toBe('-----');
          expectSubscriptions(unsubscribed.subscriptions).toBe('^---!');
        });
      });

      it('subscribes its source once for each subscription', () => {
        marbles(({ cold, expectObservable, expectSubscriptions }) => {
          const source = cold<never>('--|');
          const result = source.pipe(make());
          expectObservable(result).toBe('--|');
          expectObservable(result, '---^').toBe('-----|');
          expectSubscriptions(source.subscriptions).toBe(['^-!', '---^-!']);
        });
      });

      if (isAsync) return;

      it('stops a synchronous source when downstream unsubscribes', () => {
        let produced = 0;
        const source = new Observable<never>((destination) => {
          while (!destination.closed && produced < 100_000) {
            produced++;
            destination.next(item as never);
          }
        });
        source.pipe(make(), take(3)).subscribe();
        expect(produced).toBeLessThanOrEqual(4);
      });

      it('emits its result at the time of the item', () => {
        marbles(({ hot, expectObservable }) => {
          const source = hot('--a|', { a: item as never });
          const times: string[] = [];
          expectObservable(
            new Observable((destination) =>
              source.pipe(make()).subscribe({
                next: () => {
                  times.push('next');
                  destination.next('x');
                },
                complete: () => destination.complete(),
              }),
            ),
          ).toBe('--x|');
        });
      });
    });
  }
});
