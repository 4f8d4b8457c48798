import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withBareServer, withSwift } from './benchServers.js';
import { readWithCurl } from './readWithCurl.js';
import { readObjects } from './readObjects.js';
import type { BenchContext, Result, Section } from './section.js';
import { median, round, spread } from './statistics.js';
import type { StoreReading, StoreTask } from './storeReader.js';

const MEBIBYTE = 1024 * 1024;
const RANGES = { objects: 1, rangeBytes: 8 * MEBIBYTE, concurrency: 4 };
const SMALL = { objects: 10_000, byteLength: 10 * 1024, rangeBytes: 8 * MEBIBYTE, concurrency: 4 };

interface Rival {
  readonly name: string;
  readonly against: string;
  readonly target?: number;
  /** Reads with the compared program. Returns the time in seconds. */
  readonly readTheirs: () => Promise<number>;
}

interface Pair {
  readonly ours: StoreReading;
  readonly theirSeconds: number;
}

export const STORES_SECTION: Section = {
  title: 'Objects of stores',
  columns: ['case', 'against', 'MB/s', 'theirs', 'speed ratio', 'min–max', 'CPU s/GB', 'RSS rise MB', 'target'],
  measurements: {
    'store-swift': (context) =>
      withSwift(context, context.byteLength, (server) => {
        const task = { way: 'ranges', server, byteLength: context.byteLength, ...RANGES } as const;
        const rival = { name: 'store-swift', against: 'curl --aws-sigv4', target: 0.9 };
        return compare(context, task, { ...rival, readTheirs: () => readWithCurl(context, task) });
      }),
    'store-ranges': (context) =>
      withBareServer(context, context.byteLength, (server) => {
        const task = { way: 'ranges', server, byteLength: context.byteLength, ...RANGES } as const;
        const rival = { name: 'store-ranges', against: 'curl --aws-sigv4', target: 0.9 };
        return compare(context, task, { ...rival, readTheirs: () => readWithCurl(context, task) });
      }),
    'store-node-http': (context) =>
      withBareServer(context, context.byteLength, (server) => {
        const task = { way: 'ranges', server, byteLength: context.byteLength, ...RANGES } as const;
        const rival = { name: 'store-node-http', against: 'node:http, discarded' };
        return compare(context, task, { ...rival, readTheirs: inNode('node-http', task, context) });
      }),
    'store-small': (context) =>
      withBareServer(context, SMALL.byteLength, (server) => {
        const task = { way: 'small', server, ...SMALL } as const;
        const rival = { name: 'store-small', against: 'Promise pool over the SDK', target: 0.8 };
        return compare(context, task, { ...rival, readTheirs: inNode('small-sdk', task, context) });
      }),
    'store-file': (context) => {
      const path = join(context.folder, 'file');
      writeFileSync(path, Buffer.alloc(context.byteLength));
      const task = { way: 'file-store', path, byteLength: context.byteLength, ...RANGES } as const;
      const rival = { name: 'store-file', against: 'fromFile' };
      return compare(context, task, { ...rival, readTheirs: inNode('file', task, context) });
    },
  },
  isQuick: false,
};

function inNode(way: StoreTask['way'], task: StoreTask, context: BenchContext): () => Promise<number> {
  return async () => (await readObjects({ ...task, way }, context)).seconds;
}

async function compare(
  context: BenchContext,
  task: StoreTask,
  { name, against, target, readTheirs }: Rival,
): Promise<Result> {
  const pairs: Pair[] = [];
  for (let i = 0; i < context.pairs; i++) {
    context.progress(`pair ${i + 1} of ${context.pairs}`);
    const before = i % 2 === 0 ? undefined : await readTheirs();
    const ours = await readObjects(task, context);
    pairs.push({ ours, theirSeconds: before ?? (await readTheirs()) });
  }
  const bytes = task.objects * task.byteLength;
  const rate = (seconds: readonly number[]): number => round(bytes / median(seconds) / 1e6, 1);
  const ratios = pairs.map(({ ours, theirSeconds }) => theirSeconds / ours.seconds);
  const rises = pairs.map(({ ours }) => (ours.peakRssBytes - ours.idleRssBytes) / 1e6);
  const json = {
    case: name,
    against,
    megabytesPerSecond: rate(pairs.map(({ ours }) => ours.seconds)),
    theirMegabytesPerSecond: rate(pairs.map(({ theirSeconds }) => theirSeconds)),
    speedRatio: round(median(ratios), 2),
    cpuSecondsPerGigabyte: round(median(pairs.map(({ ours }) => ours.cpuSeconds)) / (bytes / 1e9), 2),
    rssRiseMegabytes: Math.round(Math.max(...rises)),
  };
  const figures = [json.megabytesPerSecond, json.theirMegabytesPerSecond, json.speedRatio].map(String);
  const costs = [spread(ratios, 2), String(json.cpuSecondsPerGigabyte), String(json.rssRiseMegabytes)];
  return { json, cells: [json.case, against, ...figures, ...costs, target === undefined ? 'none' : `>= ${target}`] };
}
