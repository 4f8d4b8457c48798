import type { Pairs } from './pairs.js';
import { ratiosOf } from './pairs.js';
import type { Reading } from './reader.js';
import type { Result } from './section.js';
import type { Target } from './targets.js';
import { median, round, spread } from './statistics.js';

/** The columns of {@link readingPairs}. */
export const READING_COLUMNS = [
  ...['case', 'against', 'ours k rec/s', 'theirs', 'speedup ↑', 'min–max'],
  ...['ours CPU s/GB', 'theirs', 'CPU ratio ↓', 'min–max', 'ours peak MB', 'theirs'],
];

export interface Compared {
  readonly name: string;
  readonly against: string;
  /** The size of the data of a reading. */
  readonly byteLength: number;
  readonly targets?: (figures: { readonly speedup: number; readonly cpuRatio: number }) => readonly Target[];
}

/** Returns the medians of the speed, the CPU time and the memory, and of the ratios of the pairs. */
export function readingPairs({ name, against, byteLength, targets }: Compared, readings: Pairs<Reading>): Result {
  const speedups = ratiosOf(readings, (our, their) => their.seconds / our.seconds);
  const cpuRatios = ratiosOf(readings, (our, their) => our.cpuSeconds / their.cpuSeconds);
  const sides = [readings.ours, readings.theirs];
  const medians = (figure: (reading: Reading) => number): string[] =>
    sides.map((side) => median(side.map((reading) => figure(reading))).toFixed(2));
  const rates = medians(({ records, seconds }) => records / seconds / 1000);
  const costs = medians(({ cpuSeconds }) => cpuSeconds / (byteLength / 1e9));
  const peaks = sides.map((side) => `${Math.round(median(side.map(({ peakRssBytes }) => peakRssBytes)) / 1e6)}`);
  const [speedup, cpuRatio] = [round(median(speedups), 2), round(median(cpuRatios), 2)];
  return {
    json: {
      ...{ against, speedup, speedupRange: spread(speedups, 2) },
      ...{ cpuRatio, cpuRatioRange: spread(cpuRatios, 2) },
      ...{ recordsPerSecond: Number(rates[0]) * 1000, theirRecordsPerSecond: Number(rates[1]) * 1000 },
      ...{ cpuSecondsPerGigabyte: Number(costs[0]), theirCpuSecondsPerGigabyte: Number(costs[1]) },
      ...{ peakRssMegabytes: Number(peaks[0]), theirPeakRssMegabytes: Number(peaks[1]) },
    },
    cells: [
      ...[name, against, ...rates, `${speedup}`, spread(speedups, 2)],
      ...[...costs, `${cpuRatio}`, spread(cpuRatios, 2), ...peaks],
    ],
    ...(targets && { targets: targets({ speedup, cpuRatio }) }),
  };
}

/** Waits for a process, and checks that it has read all records. */
export async function readingOf(who: string, output: Promise<{ readonly stdout: string }>, records: number) {
  const reading = JSON.parse((await output).stdout) as Reading;
  if (reading.records !== records) throw new Error(`${who}: expected ${records} records, found ${reading.records}.`);
  return reading;
}
