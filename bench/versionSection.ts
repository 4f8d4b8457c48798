import { CASES, type FifoCase } from './cases.js';
import { withDataFiles } from './dataFile.js';
import { methodOfFifo } from './fifoSection.js';
import { ratiosOf, readInPairs, type Pairs } from './pairs.js';
import { readThroughFifo } from './pipes.js';
import type { Reading } from './reader.js';
import type { BenchContext, Result, Section } from './section.js';
import { median, round, spread } from './statistics.js';

/**
 * The cases through a FIFO, with this version and another version of the code in turn.
 *
 * @param reader - the compiled `bench/reader.js` of the other version.
 */
export function versionSection(commit: string, reader: string): Section {
  return {
    title: `Through a FIFO, compared with ${commit}`,
    name: 'fifo',
    method: methodOfFifo,
    columns: ['case', 'MB/s', `MB/s of ${commit}`, 'speed ratio ↑', 'min–max', 'CPU ratio ↓', 'min–max'],
    measurements: Object.fromEntries(
      Object.entries(CASES).map(([name, fifoCase]) => [name, (context) => measure(name, fifoCase, reader, context)]),
    ),
    isQuick: true,
  };
}

function measure(job: string, { record }: FifoCase, reader: string, context: BenchContext): Promise<Result> {
  context.progress('writing the data');
  return withDataFiles({ ...context, record }, async ({ warmUp, measured: file }) => {
    const ours = () => readThroughFifo({ job, warmUp, file }, context);
    const theirs = () => readThroughFifo({ job, warmUp, file, reader }, context);
    return resultOf(job, await readInPairs({ ...context, ours, theirs }), file.byteLength);
  });
}

function resultOf(name: string, readings: Pairs<Reading>, byteLength: number): Result {
  const speeds = ratiosOf(readings, (our, their) => their.seconds / our.seconds);
  const cpu = ratiosOf(readings, (our, their) => our.cpuSeconds / their.cpuSeconds);
  const rate = (side: readonly Reading[]): number =>
    round(byteLength / median(side.map(({ seconds }) => seconds)) / 1e6, 1);
  const json = {
    megabytesPerSecond: rate(readings.ours),
    otherMegabytesPerSecond: rate(readings.theirs),
    speedRatio: round(median(speeds), 3),
    speedRatioRange: spread(speeds, 3),
    cpuRatio: round(median(cpu), 3),
    cpuRatioRange: spread(cpu, 3),
  };
  const cells = [
    name,
    json.megabytesPerSecond.toFixed(0),
    json.otherMegabytesPerSecond.toFixed(0),
    json.speedRatio.toFixed(3),
    spread(speeds, 2),
    json.cpuRatio.toFixed(3),
    spread(cpu, 2),
  ];
  return { json, cells };
}
