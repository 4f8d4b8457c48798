import { CASES, type FifoCase } from './cases.js';
import { withDataFiles, type DataFiles } from './dataFile.js';
import { readThroughFifo } from './pipes.js';
import type { Reading } from './reader.js';
import type { BenchContext, Result, Section } from './section.js';
import { median, round, spread } from './statistics.js';

interface Pair {
  readonly ours: Reading;
  readonly theirs: Reading;
}

/**
 * The cases through a FIFO, with this version and another version of the code in turn.
 *
 * @param reader - the compiled `bench/reader.js` of the other version.
 */
export function versionSection(commit: string, reader: string): Section {
  return {
    title: `Through a FIFO, compared with ${commit}`,
    columns: ['case', 'MB/s', `MB/s of ${commit}`, 'speed ratio', 'min–max', 'CPU ratio', 'min–max'],
    measurements: Object.fromEntries(
      Object.entries(CASES).map(([name, fifoCase]) => [name, (context) => measure(name, fifoCase, reader, context)]),
    ),
    isQuick: true,
  };
}

function measure(job: string, { record }: FifoCase, reader: string, context: BenchContext): Promise<Result> {
  context.progress('writing the data');
  return withDataFiles({ ...context, record }, async (files) => {
    const pairs: Pair[] = [];
    for (let i = 0; i < context.pairs; i++) {
      context.progress(`pair ${i + 1} of ${context.pairs}`);
      pairs.push(await readPair(job, files, { reader, isOurTurn: i % 2 === 0 }, context));
    }
    return resultOf(job, pairs, files.measured.byteLength);
  });
}

interface Turn {
  readonly reader: string;
  readonly isOurTurn: boolean;
}

/** The order alternates, so that a change of the machine's speed has the same effect on both versions. */
async function readPair(
  job: string,
  { warmUp, measured: file }: DataFiles,
  { reader, isOurTurn }: Turn,
  context: BenchContext,
): Promise<Pair> {
  const readOurs = () => readThroughFifo({ job, warmUp, file }, context);
  const readTheirs = () => readThroughFifo({ job, warmUp, file, reader }, context);
  if (isOurTurn) return { ours: await readOurs(), theirs: await readTheirs() };
  const theirs = await readTheirs();
  return { ours: await readOurs(), theirs };
}

function resultOf(name: string, pairs: readonly Pair[], byteLength: number): Result {
  const speeds = pairs.map(({ ours, theirs }) => theirs.seconds / ours.seconds);
  const cpu = pairs.map(({ ours, theirs }) => ours.cpuSeconds / theirs.cpuSeconds);
  const rate = (seconds: readonly number[]): number => round(byteLength / median(seconds) / 1e6, 1);
  const json = {
    case: name,
    megabytesPerSecond: rate(pairs.map(({ ours }) => ours.seconds)),
    otherMegabytesPerSecond: rate(pairs.map(({ theirs }) => theirs.seconds)),
    speedRatio: round(median(speeds), 3),
    cpuRatio: round(median(cpu), 3),
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
