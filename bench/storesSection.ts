import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { startPinned } from './processes.js';
import type { BenchContext, Result, Section } from './section.js';
import { startModule } from './startReader.js';
import { median, round, spread } from './statistics.js';
import type { StoreReading, StoreTask } from './storeReader.js';

const MEBIBYTE = 1024 * 1024;
const RANGES = { objects: 1, rangeBytes: 8 * MEBIBYTE, concurrency: 4 };
const SMALL = { objects: 10_000, byteLength: 10 * 1024, rangeBytes: 8 * MEBIBYTE, concurrency: 4 };

const NAMES: Readonly<Record<StoreTask['way'], string>> = {
  ranges: 'store-ranges',
  small: 'store-small',
  'small-sdk': 'store-small',
  'file-store': 'store-file',
  file: 'store-file',
};

interface Pair {
  readonly ours: StoreReading;
  readonly theirSeconds: number;
}

/** Reads stores on the reader's CPU from a server on the writer's CPU. */
export const STORES_SECTION: Section = {
  title: 'Objects of stores',
  columns: ['case', 'against', 'MB/s', 'theirs', 'speed ratio', 'min–max', 'CPU s/GB', 'RSS rise MB', 'target'],
  measurements: {
    'store-ranges': (context) =>
      withServer(context, context.byteLength, (port) => {
        const task = { way: 'ranges', place: port, byteLength: context.byteLength, ...RANGES } as const;
        return compare(context, task, { against: 'curl --aws-sigv4', target: 0.9 }, () => readWithCurl(context, task));
      }),
    'store-small': (context) =>
      withServer(context, SMALL.byteLength, (port) => {
        const task = { way: 'small', place: port, ...SMALL } as const;
        return compare(context, task, { against: 'Promise pool over the SDK', target: 0.8 }, async () => {
          return (await readObjects({ ...task, way: 'small-sdk' }, context)).seconds;
        });
      }),
    'store-file': (context) => {
      const place = join(context.folder, 'file');
      writeFileSync(place, Buffer.alloc(context.byteLength));
      const task = { way: 'file-store', place, byteLength: context.byteLength, ...RANGES } as const;
      return compare(context, task, { against: 'fromFile', target: 0.97 }, async () => {
        return (await readObjects({ ...task, way: 'file' }, context)).seconds;
      });
    },
  },
  isQuick: false,
};

async function withServer(
  context: BenchContext,
  size: number,
  measure: (port: string) => Promise<Result>,
): Promise<Result> {
  const { child } = startModule('storeServer.js', [String(size)], context.cpus.writer);
  if (!child.stdout) throw new Error('a process without output');
  const [port] = (await once(child.stdout, 'data')) as [Buffer];
  try {
    return await measure(port.toString().trim());
  } finally {
    child.kill();
  }
}

async function readObjects(task: StoreTask, { cpus }: BenchContext): Promise<StoreReading> {
  const { stdout } = await startModule('storeReader.js', [JSON.stringify(task)], cpus.reader).output;
  const reading = JSON.parse(stdout) as StoreReading;
  const expected = task.objects * task.byteLength;
  if (reading.bytes !== expected) throw new Error(`${task.way}: expected ${expected} bytes, found ${reading.bytes}.`);
  return reading;
}

/** The same ranges and number of connections. Includes the start of curl, about 20 ms. */
async function readWithCurl(
  { cpus, folder }: BenchContext,
  { place, byteLength, ...task }: StoreTask,
): Promise<number> {
  const parts: string[] = [];
  for (let start = 0; start < byteLength; start += task.rangeBytes) {
    const end = Math.min(start + task.rangeBytes, byteLength);
    parts.push(
      `url = "http://127.0.0.1:${place}/bucket/0"\nrange = "${start}-${end - 1}"\noutput = "/dev/null"\n` +
        `aws-sigv4 = "aws:amz:us-east-1:s3"\nuser = "key:secret"\n`,
    );
  }
  const config = join(folder, 'curl.config');
  writeFileSync(config, parts.join('next\n'));
  const args = ['--silent', '--fail', '--parallel', '--parallel-max', `${task.concurrency}`, '--config', config];
  const startedAt = performance.now();
  await startPinned(cpus.reader, 'curl', args).output;
  return (performance.now() - startedAt) / 1000;
}

async function compare(
  context: BenchContext,
  task: StoreTask,
  { against, target }: { readonly against: string; readonly target: number },
  readTheirs: () => Promise<number>,
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
    case: NAMES[task.way],
    against,
    megabytesPerSecond: rate(pairs.map(({ ours }) => ours.seconds)),
    theirMegabytesPerSecond: rate(pairs.map(({ theirSeconds }) => theirSeconds)),
    speedRatio: round(median(ratios), 2),
    cpuSecondsPerGigabyte: round(median(pairs.map(({ ours }) => ours.cpuSeconds)) / (bytes / 1e9), 2),
    rssRiseMegabytes: Math.round(Math.max(...rises)),
  };
  const figures = [json.megabytesPerSecond, json.theirMegabytesPerSecond, json.speedRatio].map(String);
  const costs = [spread(ratios, 2), String(json.cpuSecondsPerGigabyte), String(json.rssRiseMegabytes)];
  return { json, cells: [json.case, against, ...figures, ...costs, `>= ${target}`] };
}
