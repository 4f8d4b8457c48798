import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { withBareServer, withSwift } from './benchServers.js';
import { writeSynced } from './dataFile.js';
import { missingCommand } from './missingSoftware.js';
import { ratiosOf, readInPairs } from './pairs.js';
import { readWithCurl } from './readWithCurl.js';
import { readObjects } from './readObjects.js';
import type { BenchContext, Result, Section } from './section.js';
import { median, round, spread } from './statistics.js';
import type { StoreTask } from './storeReader.js';
import { atLeast, atMost } from './targets.js';

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

export const STORES_SECTION: Section = {
  title: 'Objects of stores',
  method: ({ pairs, byteLength }) =>
    `pairs: ${pairs}; each reading: ${byteLength / MEBIBYTE} MiB (store-small: 10,000 objects of 10 KiB), without a warm-up`,
  missing: (name) => {
    const swift =
      name === 'store-swift'
        ? missingCommand('swift-proxy-server', '`npm run s3:server` lists the packages')
        : undefined;
    return (
      swift ?? (name === 'store-swift' || name === 'store-ranges' ? missingCommand('curl', 'install curl') : undefined)
    );
  },
  columns: ['case', 'against', 'MB/s', 'theirs', 'speed ratio ↑', 'min–max', 'CPU s/GB', 'RSS rise MB'],
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
    'store-file': async (context) => {
      const path = join(context.folder, 'file');
      try {
        const zeros = Buffer.alloc(MEBIBYTE);
        writeSynced(
          path,
          Array.from({ length: context.byteLength / MEBIBYTE }, () => zeros),
        );
        const task = { way: 'file-store', path, byteLength: context.byteLength, ...RANGES } as const;
        const rival = { name: 'store-file', against: 'fromFile' };
        return await compare(context, task, { ...rival, readTheirs: inNode('file', task, context) });
      } finally {
        rmSync(path, { force: true });
      }
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
  const readings = await readInPairs({ ...context, ours: () => readObjects(task, context), theirs: readTheirs });
  const bytes = task.objects * task.byteLength;
  const rate = (seconds: readonly number[]): number => round(bytes / median(seconds) / 1e6, 1);
  const ratios = ratiosOf(readings, (our, theirSeconds) => theirSeconds / our.seconds);
  const { ours, theirs } = readings;
  const rises = ours.map(({ peakRssBytes, idleRssBytes }) => (peakRssBytes - idleRssBytes) / 1e6);
  const json = {
    against,
    megabytesPerSecond: rate(ours.map(({ seconds }) => seconds)),
    theirMegabytesPerSecond: rate(theirs),
    speedRatio: round(median(ratios), 2),
    speedRatioRange: spread(ratios, 2),
    cpuSecondsPerGigabyte: round(median(ours.map(({ cpuSeconds }) => cpuSeconds)) / (bytes / 1e9), 2),
    rssRiseMegabytes: Math.round(Math.max(...rises)),
  };
  const targets = [
    ...(target === undefined ? [] : [atLeast('speed ratio', json.speedRatio, target)]),
    ...(task.way === 'ranges'
      ? [atMost('CPU s/GB', json.cpuSecondsPerGigabyte, 1), atMost('RSS rise MB', json.rssRiseMegabytes, 101)]
      : []),
  ];
  return { json, cells: [name, ...Object.values(json).map(String)], targets };
}
