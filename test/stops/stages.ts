import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { concat, defer, filter, map, repeat, take, type MonoTypeOperatorFunction } from 'rxjs';
import {
  batch,
  broadcast,
  cache,
  chooseFromDatasets,
  flatMapSources,
  interleave,
  mapAsync,
  mapWithRandom,
  mergeChannels,
  monitor,
  prefetch,
  rebatch,
  rejectionResample,
  sampleFromDatasets,
  shard,
  shuffle,
  snapshot,
  split,
  unbatch,
  zipChannels,
} from 'millrace/operators';
import { fromIterable } from 'millrace';
import { turn, type Run } from './run.js';

type Records = MonoTypeOperatorFunction<Uint8Array>;

/** More choices than records, because an early end would hide a failing source. */
const MORE_CHOICES_THAN_RECORDS = Array.from({ length: 100_000 }, (_, i) => i % 2);

/** Makes a stage between the decoder and the consumer. */
export type StageOf = (run: Run) => Records;

/** Every stage of records. To add one, add a line. */
export const STAGES: Readonly<Record<string, StageOf>> = {
  filter: () => filter((record) => record.length > 0),
  repeat: (run) => repeat(1 + run.random(3)),
  shuffle: (run) => shuffle(1 + run.random(100), { seed: run.random(1000) }),
  'prefetch of items': (run) => prefetch(1 + run.random(20)),
  'prefetch of bytes': (run) => prefetch({ bytes: 1 + run.random(20_000) }),
  'batch and unbatch': (run) => {
    const size = 1 + run.random(20);
    return (source) => source.pipe(batch(size), unbatch<Uint8Array[]>());
  },
  'batch and rebatch': (run) => {
    const sizes = [1 + run.random(20), 1 + run.random(20)];
    return (source) => source.pipe(batch(1 + run.random(20)), rebatch<Uint8Array[]>(sizes), unbatch<Uint8Array[]>());
  },
  split: (run) => split({ part: 0.8 }, { part: 'part', seed: run.random(1000) }),
  rejectionResample: (run) => (source) =>
    source.pipe(
      rejectionResample((record) => record.length % 2, [0.4, 0.6], { seed: run.random(1000) }),
      map(([, record]) => record),
    ),
  mapWithRandom: (run) => mapWithRandom((record) => record, { seed: run.random(1000) }),
  shard: () => shard({ index: 1, count: 2 }),
  cache: () => cache(),
  snapshot: (run) => snapshot(join(run.data, 'snapshots', String(run.random(2 ** 31))), { key: 'v1' }),
  monitor: (run) => monitor({ everyMs: 1 + run.random(5), everyRecords: 10, onReport: () => undefined }),
  'mapAsync of turns': (run) => mapAsync(waitTurns(run.random(5)), { concurrency: 1 + run.random(8) }),
  'mapAsync of timers': (run) =>
    mapAsync(waitMs(run.random(3)), { concurrency: 4 + run.random(12), ordered: run.random(2) === 0 }),
  'mapAsync that never ends': (run) => {
    run.isEndless = true;
    return mapAsync(waitForAbort(20), { concurrency: 4 });
  },
  'mapAsync that fails': (run) => {
    const left = run.random(60);
    return mapAsync(async (record, index) => {
      await turn();
      return index === left ? run.throwBoom() : record;
    });
  },
  'map that throws': (run) => {
    const left = run.random(60);
    return map((record, index) => (index === left ? run.throwBoom() : record));
  },
  broadcast: () => (source) =>
    defer(() => {
      const shared = source.pipe(broadcast({ sinks: 2 }));
      return mergeChannels([shared, shared]);
    }),
  'broadcast to one that leaves': (run) => {
    const count = 1 + run.random(20);
    return (source) =>
      defer(() => {
        const shared = source.pipe(broadcast({ sinks: 2 }));
        return mergeChannels([shared.pipe(take(count)), shared]);
      });
  },
  flatMapSources: () => (source) => fromIterable([1, 2]).pipe(flatMapSources(() => source)),
  interleave: (run) => {
    const cycleLength = 1 + run.random(3);
    return (source) => fromIterable([1, 2, 3]).pipe(interleave(() => source, { cycleLength }));
  },
  zipChannels: () => (source) =>
    zipChannels({ left: source, right: source }, { stop: 'shortest' }).pipe(map(({ left }) => left)),
  mergeChannels: () => (source) => mergeChannels([source, source]),
  sampleFromDatasets: (run) => {
    const seed = run.random(1000);
    return (source) => sampleFromDatasets([source, source], { seed });
  },
  chooseFromDatasets: () => (source) => chooseFromDatasets([source, source], fromIterable(MORE_CHOICES_THAN_RECORDS)),
  concat: () => (source) => concat(source, source),
};

type Work = (record: Uint8Array, index: number, signal: AbortSignal) => Promise<Uint8Array>;

function waitTurns(count: number): Work {
  return async (record) => {
    for (let i = 0; i < count; i++) await turn();
    return record;
  };
}

function waitMs(ms: number): Work {
  return (record, index, signal) => (index < 30 ? delay(ms, record, { signal }) : Promise.resolve(record));
}

/** Work on one record that continues until an abort. */
function waitForAbort(at: number): Work {
  return (record, index, signal) =>
    index < at
      ? Promise.resolve(record)
      : new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
        });
}
