import { withDataFiles } from './dataFile.js';
import { CASES } from './cases.js';
import { FIFO_METHODS } from './fifoMethods.js';
import { readThroughFifo, readWithDd } from './pipes.js';
import type { BenchContext, Result, Section } from './section.js';
import { median, spread } from './statistics.js';

/** Compares ways to read a FIFO: all ways in turn, on the same CPUs. */
export const FIFO_METHODS_SECTION: Section = {
  title: 'Ways to read a FIFO',
  columns: ['method', 'MB/s', 'min–max', 'speed ratio to dd ↑', 'min–max'],
  method: ({ pairs, byteLength }) => `rounds: ${pairs}; each reading: ${byteLength / 2 ** 20} MiB, after a warm-up`,
  measurements: { 'fifo-methods': measure },
  isQuick: false,
};

const DD = 'dd';

function measure(context: BenchContext): Promise<Result> {
  const { pairs: rounds, progress } = context;
  return withDataFiles({ ...context, record: CASES.bytes.record }, async ({ warmUp, measured: file }) => {
    const secondsOf = async (job: string): Promise<number> =>
      job === DD ? readWithDd(file, context) : (await readThroughFifo({ job, warmUp, file }, context)).seconds;
    const speeds = new Map([...Object.keys(FIFO_METHODS), DD].map((name): [string, number[]] => [name, []]));
    for (let round = 0; round < rounds; round++) {
      const inTurn = round % 2 === 0 ? [...speeds] : [...speeds].reverse();
      for (const [name, ofMethod] of inTurn) {
        progress(`round ${round + 1} of ${rounds}: ${name}`);
        ofMethod.push(file.byteLength / 1e6 / (await secondsOf(name)));
      }
    }
    return resultOf(speeds);
  });
}

/** Returns a line for each method. */
function resultOf(speeds: ReadonlyMap<string, readonly number[]>): Result {
  const ofDd = speeds.get(DD) ?? [];
  const lines = Array.from(speeds, ([name, ofMethod]) => {
    const ratios = ofMethod.map((speed, round) => speed / (ofDd[round] as number));
    return [name, median(ofMethod).toFixed(0), spread(ofMethod, 0), median(ratios).toFixed(2), spread(ratios, 2)];
  });
  const megabytesPerSecond = lines.map(([name, speed]) => [`${name}, MB/s`, Number(speed)]);
  return {
    json: Object.fromEntries(megabytesPerSecond) as Record<string, number>,
    cells: FIFO_METHODS_SECTION.columns.map((_, column) => lines.map((line) => line[column]).join('\n')),
  };
}
