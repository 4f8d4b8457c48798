import { join } from 'node:path';
import * as fc from 'fast-check';
import { concat, filter, identity, map, repeat, type MonoTypeOperatorFunction, type Observable } from 'rxjs';
import { batch } from '../../operators/batch.js';
import { bucketBySequenceLength } from '../../operators/bucketBySequenceLength.js';
import { cache } from '../../operators/cache.js';
import { chooseFromDatasets } from '../../operators/chooseFromDatasets.js';
import { decodeTFRecord } from '../../operators/decodeTFRecord.js';
import { groupByWindow } from '../../operators/groupByWindow.js';
import { interleave } from '../../operators/interleave.js';
import { mapAsync } from '../../operators/mapAsync.js';
import { mapWithRandom } from '../../operators/mapWithRandom.js';
import { paddedBatch } from '../../operators/paddedBatch.js';
import { prefetch } from '../../operators/prefetch.js';
import { rebatch } from '../../operators/rebatch.js';
import { rejectionResample } from '../../operators/rejectionResample.js';
import { sampleFromDatasets } from '../../operators/sampleFromDatasets.js';
import { shard } from '../../operators/shard.js';
import { shuffle } from '../../operators/shuffle.js';
import { split } from '../../operators/split.js';
import { timeSeries } from '../../operators/timeSeries.js';
import { unbatch } from '../../operators/unbatch.js';
import { window } from '../../operators/window.js';
import { zipChannels } from '../../operators/zipChannels.js';
import { ndarray } from '../../src/arrays/ndarray.js';
import { recordsFromFiles } from '../../src/pipeline/records/recordsFromFiles.js';
import { fromFile } from '../../src/sources/fromFile.js';
import { fromIterable } from '../../src/sources/fromIterable.js';
import { tfRecords, writeFiles } from '../pipeline/recordFiles.js';

/**
 * Makes a new pipeline of texts from the files of a folder.
 *
 * @param fault - applied directly to each source.
 */
export type MakePipeline = (folder: string, fault?: MonoTypeOperatorFunction<string>) => Observable<string>;

type MakeStage = () => MonoTypeOperatorFunction<string>;

const LETTERS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];

/** Writes the files of the pipelines. A record is the file's letter and a number. */
export function writePipelineFiles(folder: string): void {
  for (const [index, letter] of LETTERS.entries()) {
    const texts = Array.from({ length: 3 + 2 * index }, (_, i) => `${letter}${i}`);
    writeFiles(folder, { [`${letter}.tfrecord`]: tfRecords(...texts) });
  }
}

const seed = fc.nat(99);
const size = fc.integer({ min: 1, max: 6 });
const text = map((record: Uint8Array) => Buffer.from(record).toString());
const toArray = map((item: string) => ndarray('uint8', [item.length], Buffer.from(item)));
const fromArray = map(({ shape, data }: { shape: readonly number[]; data: Iterable<number> }) => {
  return `${shape.join('x')}:${[...data].join()}`;
});
const later = (item: string): Promise<string> => new Promise((resolve) => setImmediate(resolve, item));

const plainStage: fc.Arbitrary<MakeStage> = fc.oneof(
  fc.record({ size, seed, reshuffleEachIteration: fc.boolean() }).map(({ size, ...options }) => {
    return () => shuffle<string>(size, options);
  }),
  size.map((size): MakeStage => () => (source) => {
    return source.pipe(
      batch(size),
      map((items) => items.join('+')),
    );
  }),
  fc.tuple(size, seed).map(([size, seed]): MakeStage => () => (source) => {
    return source.pipe(batch(size), shuffle<string[]>(2, { seed }), unbatch());
  }),
  fc.tuple(size, fc.boolean()).map(([concurrency, isLater]): MakeStage => {
    return () => mapAsync((item) => (isLater ? later(item) : item), { concurrency });
  }),
  seed.map((seed): MakeStage => {
    return () => mapWithRandom((item, random) => `${item}~${Math.floor(10 * random())}`, { seed });
  }),
  size.map((items) => () => prefetch<string>(items)),
  fc.record({ size, shift: size, stride: size }).map(({ size, ...options }): MakeStage => {
    return () => (source) =>
      source.pipe(
        window(size, options),
        map((items) => items.join('+')),
      );
  }),
  size.map((length): MakeStage => {
    return () => (source) =>
      source.pipe(
        timeSeries({ length }),
        map(({ xs, ys }) => `${xs.join('+')}=${ys}`),
      );
  }),
  size.map((windowSize): MakeStage => {
    return () => (source) =>
      source.pipe(
        groupByWindow({ key: (item) => item.length, windowSize }),
        map((items) => items.join('+')),
      );
  }),
  fc.tuple(size, size, size).map(([size, ...sizes]): MakeStage => {
    return () => (source) =>
      source.pipe(
        batch(size),
        rebatch(sizes),
        map((items) => items.join('+')),
      );
  }),
  seed.map(
    (seed): MakeStage =>
      () =>
        split<string>({ some: 0.7 }, { part: 'some', seed }),
  ),
  fc.tuple(seed, fc.boolean()).map(([seed, isKnown]): MakeStage => {
    const options = { seed, initialDist: isKnown ? [0.5, 0.5] : undefined };
    return () => (source) =>
      source.pipe(
        rejectionResample((item) => item.length % 2, [0.4, 0.6], options),
        map(([, item]) => item),
      );
  }),
  fc.constant(() => shard<string>({ count: 2, index: 1 })),
  fc.constant(() => filter((item: string) => !item.endsWith('3'))),
  size.map(
    (size): MakeStage =>
      () =>
      (source) =>
        source.pipe(toArray, paddedBatch(size), fromArray),
  ),
  size.map((size): MakeStage => {
    const buckets = { bucketBoundaries: [4], bucketBatchSizes: [size, 2] };
    return () => (source) => {
      return source.pipe(
        toArray,
        bucketBySequenceLength({ elementLength: ({ data }) => data.length, ...buckets }),
        fromArray,
      );
    };
  }),
);

const fileOf = (folder: string, letter: string): Observable<string> =>
  fromFile(join(folder, `${letter}.tfrecord`)).pipe(decodeTFRecord(), text);

const leaf = (letter: string): fc.Arbitrary<MakePipeline> =>
  soundLeaf(letter).map((make): MakePipeline => {
    return (folder, fault = identity) => make(folder).pipe(fault);
  });

const soundLeaf = (letter: string): fc.Arbitrary<MakePipeline> =>
  fc.oneof(
    fc.constant((folder: string) => fileOf(folder, letter)),
    fc.constant(() => fromIterable(Array.from({ length: 9 }, (_, i) => `${letter}${i}`))),
    fc.record({ shuffleSeed: seed, cycleLength: fc.integer({ min: 1, max: 3 }) }).map((options): MakePipeline => {
      return (folder) =>
        recordsFromFiles(`${folder}/[${letter}-h].tfrecord`, { recordFormat: 'TFRecord', ...options }).pipe(text);
    }),
  );

/**
 * Pipelines of deterministic sources, combinations and stages.
 *
 * @param isPlain - omits pipelines whose order changes with `resumable`: a `shuffle` that is created in each epoch, and
 *   stages upstream of a `cache` that is not filled in the first epoch.
 */
export function randomPipelines({ isPlain }: { readonly isPlain: boolean }): fc.Arbitrary<MakePipeline> {
  const stage = isPlain
    ? plainStage
    : fc.oneof({ weight: 8, arbitrary: plainStage }, { weight: 1, arbitrary: fc.constant(() => cache<string>()) });
  const staged = (source: fc.Arbitrary<MakePipeline>, maxLength: number): fc.Arbitrary<MakePipeline> =>
    fc.tuple(source, fc.array(stage, { maxLength })).map(([make, stages]) => {
      return (folder, fault) => stages.reduce((staged$, makeStage) => makeStage()(staged$), make(folder, fault));
    });
  const combine = (how: (a$: Observable<string>, b$: Observable<string>, seed: number) => Observable<string>) =>
    fc.tuple(staged(leaf('a'), 2), staged(leaf('c'), 2), seed).map(([a, b, seed]): MakePipeline => {
      return (folder, fault) => how(a(folder, fault), b(folder, fault), seed);
    });
  const inner = (): MonoTypeOperatorFunction<string> => shuffle(3, { seed: 5, reshuffleEachIteration: !isPlain });
  const interleaved = fc.record({ cycleLength: size, blockLength: size }).map((options): MakePipeline => {
    return (folder, fault = identity) =>
      fromIterable(LETTERS).pipe(interleave((letter) => fileOf(folder, letter).pipe(fault, inner()), options));
  });
  const combined = fc.oneof(
    leaf('a'),
    interleaved,
    combine((a$, b$) => concat(a$, b$)),
    combine((a$, b$, seed) => sampleFromDatasets([a$, b$], { seed, weights: [1, 2] })),
    combine((a$, b$) => chooseFromDatasets([a$, b$], fromIterable([0, 1, 1]).pipe(repeat()))),
    combine((a$, b$) => zipChannels([a$, b$], { stop: 'longest' }).pipe(map((pair) => pair.join('&')))),
  );
  return staged(combined, 4);
}
