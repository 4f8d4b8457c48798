import { CASES, type FifoCase } from './cases.js';
import { withDataFiles, type DataFile } from './dataFile.js';
import { ratiosOf, readInPairs, type Pairs } from './pairs.js';
import { readThroughFifo, readWithDd } from './pipes.js';
import type { Reading } from './reader.js';
import type { BenchContext, Result, Section } from './section.js';
import { median, round, spread } from './statistics.js';

const MEBIBYTE = 1024 * 1024;

export const FIFO_SECTION: Section = {
  title: 'Through a FIFO, compared with dd',
  name: 'fifo',
  method: methodOfFifo,
  columns: ['case', 'M records/s', 'MB/s', 'dd MB/s', 'ratio to dd ↑', 'min–max', 'CPU s/GB', 'peak RSS MB'],
  measurements: Object.fromEntries(
    Object.entries(CASES).map(([name, fifoCase]) => [name, (context) => measure(name, fifoCase, context)]),
  ),
  isQuick: true,
};

export function methodOfFifo({ pairs, byteLength, warmUpByteLength }: Omit<BenchContext, 'progress'>): string {
  return `pairs: ${pairs}; each reading: ${byteLength / MEBIBYTE} MiB, after a warm-up of ${warmUpByteLength / MEBIBYTE} MiB`;
}

function measure(job: string, { record }: FifoCase, context: BenchContext): Promise<Result> {
  context.progress('writing the data');
  return withDataFiles({ ...context, record }, async ({ warmUp, measured: file }) => {
    const ours = () => readThroughFifo({ job, warmUp, file }, context);
    const theirs = () => readWithDd(file, context);
    return resultOf(job, await readInPairs({ ...context, ours, theirs }), file);
  });
}

/** @param readings - and the seconds of `dd` for the same data directly before or after. */
function resultOf(name: string, readings: Pairs<Reading, number>, { records, byteLength }: DataFile): Result {
  const { ours, theirs } = readings;
  const seconds = median(ours.map((reading) => reading.seconds));
  const ratios = ratiosOf(readings, (reading, ddSeconds) => ddSeconds / reading.seconds);
  const cpuSeconds = median(ours.map((reading) => reading.cpuSeconds));
  const json = {
    recordsPerSecond: Math.round(records / seconds),
    megabytesPerSecond: round(byteLength / seconds / 1e6, 1),
    ddMegabytesPerSecond: round(byteLength / median(theirs) / 1e6, 1),
    speedRatioToDd: round(median(ratios), 3),
    speedRatioToDdRange: spread(ratios, 3),
    cpuSecondsPerGigabyte: round(cpuSeconds / (byteLength / 1e9), 3),
    peakRssMegabytes: Math.round(Math.max(...ours.map(({ peakRssBytes }) => peakRssBytes)) / 1e6),
  };
  const cells = [
    name,
    (json.recordsPerSecond / 1e6).toFixed(3),
    json.megabytesPerSecond.toFixed(0),
    json.ddMegabytesPerSecond.toFixed(0),
    json.speedRatioToDd.toFixed(2),
    spread(ratios, 2),
    json.cpuSecondsPerGigabyte.toFixed(2),
    String(json.peakRssMegabytes),
  ];
  return { json, cells };
}
