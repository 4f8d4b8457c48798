import { CASES, floatsExample } from './cases.js';
import { withDataFiles } from './dataFile.js';
import { readThroughFifo } from './pipes.js';
import type { MemorySample } from './reader.js';
import type { BenchContext, Result, Section } from './section.js';
import { measureStageCost } from './stageCostSection.js';
import { median, round, slope } from './statistics.js';
import { atMost, below } from './targets.js';

const MEBIBYTE = 1024 * 1024;
const GIBIBYTE = 1024 * MEBIBYTE;
/** 1 GiB is sent ten times, because 10 GiB may not fit in memory. */
const REPEATS = 10;

/** Measures costs that must not grow with the length of a stream, a slow consumer, or the number of stages. */
export const STEADINESS_SECTION: Section = {
  title: 'Costs that stay flat',
  name: 'flat',
  method: ({ pairs }) =>
    `flat-cpu: 1 GiB and 10 GiB, rounds: ${pairs}; slow-consumer: 10 GiB once; stage-cost: 41 runs of each pipeline`,
  pairs: () => 3,
  columns: ['case', 'measured'],
  measurements: { 'flat-cpu': measureLongStream, 'slow-consumer': measureSlowConsumer, 'stage-cost': measureStageCost },
  isQuick: false,
};

/** The cost of 1 GiB, and the cost of the following 10 GiB. */
interface LongStream {
  /** CPU seconds per gigabyte. */
  readonly short: number;
  /** CPU seconds per gigabyte. */
  readonly long: number;
  /** The slope of the RSS in MiB per GiB, over the 10 GiB. */
  readonly rssSlope: number;
}

function measureLongStream(context: BenchContext): Promise<Result> {
  const job = 'example-readme';
  const { record } = CASES[job];
  return withDataFiles({ ...context, byteLength: GIBIBYTE, record }, async ({ warmUp, measured: file }) => {
    const gigabytes = file.byteLength / 1e9;
    const streams: LongStream[] = [];
    for (let i = 0; i < context.pairs; i++) {
      context.progress(`round ${i + 1} of ${context.pairs}`);
      const once = await readThroughFifo({ job, warmUp, file }, context);
      const tenTimes = { job, warmUp, file, repeats: REPEATS, bytesPerSample: 64 * MEBIBYTE };
      const often = await readThroughFifo(tenTimes, context);
      streams.push({
        short: once.cpuSeconds / gigabytes,
        long: often.cpuSeconds / (REPEATS * gigabytes),
        rssSlope: rssSlope(often.samples),
      });
    }
    return longStreamResult(streams);
  });
}

function longStreamResult(streams: readonly LongStream[]): Result {
  const json = {
    cpuSecondsPerGigabyteOf1GiB: round(median(streams.map(({ short }) => short)), 3),
    cpuSecondsPerGigabyteOf10GiB: round(median(streams.map(({ long }) => long)), 3),
    cpuGrowthPercent: round(100 * (median(streams.map(({ short, long }) => long / short)) - 1), 1),
    rssSlopeMebibytesPerGibibyte: round(median(streams.map((stream) => stream.rssSlope)), 2),
  };
  const change = `${json.cpuSecondsPerGigabyteOf1GiB} → ${json.cpuSecondsPerGigabyteOf10GiB} CPU s/GB`;
  return {
    json,
    cells: [
      'flat-cpu',
      `from 1 to 10 GiB: ${change}, ${json.cpuGrowthPercent} %\nRSS ${json.rssSlopeMebibytesPerGibibyte} MiB per GiB`,
    ],
    targets: [
      atMost('CPU growth in %', json.cpuGrowthPercent, 10),
      below('MiB per GiB', json.rssSlopeMebibytesPerGibibyte, 1),
    ],
  };
}

/** Returns the slope of the RSS in MiB per GiB, after the first second. */
function rssSlope(samples: readonly MemorySample[]): number {
  const points = afterFirstSecond(samples).map(({ bytesRead, rssBytes }) => ({ x: bytesRead, y: rssBytes }));
  return (slope(points) * GIBIBYTE) / MEBIBYTE;
}

function afterFirstSecond(samples: readonly MemorySample[]): readonly MemorySample[] {
  return samples.filter(({ seconds }) => seconds >= 1);
}

/** Measures the growth of memory after the first second for a consumer that is slower than the pipe. */
function measureSlowConsumer(context: BenchContext): Promise<Result> {
  return withDataFiles({ ...context, byteLength: GIBIBYTE, record: floatsExample }, async ({ measured: file }) => {
    context.progress(`${REPEATS} GiB`);
    const reading = { job: 'slow-consumer', file, repeats: REPEATS, bytesPerSample: 8 * MEBIBYTE };
    const { samples, seconds } = await readThroughFifo(reading, context);
    const [first, ...later] = afterFirstSecond(samples).map(({ rssBytes }) => rssBytes / MEBIBYTE);
    const rise = Math.max(...later) - (first ?? NaN);
    const prefetched = (10 * 64 * (3072 * 4 + 8)) / MEBIBYTE;
    const json = {
      rssRiseMebibytes: round(rise, 1),
      rssAfterFirstSecondMebibytes: round(first ?? NaN, 1),
      seconds: round(seconds, 1),
    };
    return {
      json,
      cells: [
        'slow-consumer',
        `RSS ${json.rssAfterFirstSecondMebibytes} MiB after the first second, ` +
          `then at most ${json.rssRiseMebibytes} MiB more (10 GiB in ${json.seconds} s)`,
      ],
      // The ten prefetched batches may be added.
      targets: [atMost('rise in MiB', json.rssRiseMebibytes, round(64 + prefetched, 1))],
    };
  });
}
