import { CASES, type FifoCase } from './cases.js';
import { withDataFiles, type DataFile, type DataFiles } from './dataFile.js';
import { readThroughFifo, readWithDd } from './pipes.js';
import type { Reading } from './reader.js';
import type { BenchContext, Result, Section } from './section.js';
import { median, round, spread } from './statistics.js';

/** A reading of this package, and the time of `dd` for the same data directly before or after. */
interface Pair {
  readonly reading: Reading;
  readonly pipeSeconds: number;
}

export const FIFO_SECTION: Section = {
  title: 'Through a FIFO, compared with dd',
  columns: ['case', 'M records/s', 'MB/s', 'dd MB/s', 'ratio to dd', 'min–max', 'CPU s/GB', 'peak RSS MB'],
  measurements: Object.fromEntries(
    Object.entries(CASES).map(([name, fifoCase]) => [name, (context) => measure(name, fifoCase, context)]),
  ),
  isQuick: true,
};

function measure(job: string, { record }: FifoCase, context: BenchContext): Promise<Result> {
  context.progress('writing the data');
  return withDataFiles({ ...context, record }, async (files) => {
    const pairs: Pair[] = [];
    for (let i = 0; i < context.pairs; i++) {
      context.progress(`pair ${i + 1} of ${context.pairs}`);
      pairs.push(await readPair(job, files, context, i % 2 === 0));
    }
    return resultOf(job, pairs, files.measured);
  });
}

/**
 * Reads the data once with this package and once with `dd`. The caller alternates the order, so that a change of the
 * machine's speed has the same effect on both.
 */
async function readPair(job: string, files: DataFiles, context: BenchContext, ddFirst: boolean): Promise<Pair> {
  const { warmUp, measured: file } = files;
  const readOurs = () => readThroughFifo({ job, warmUp, file }, context);
  const readTheirs = () => readWithDd(file, context);
  if (!ddFirst) {
    const reading = await readOurs();
    return { reading, pipeSeconds: await readTheirs() };
  }
  const pipeSeconds = await readTheirs();
  return { reading: await readOurs(), pipeSeconds };
}

function resultOf(name: string, pairs: readonly Pair[], { records, byteLength }: DataFile): Result {
  const seconds = median(pairs.map(({ reading }) => reading.seconds));
  const pipeSeconds = median(pairs.map((pair) => pair.pipeSeconds));
  const ratios = pairs.map((pair) => pair.pipeSeconds / pair.reading.seconds);
  const cpuSeconds = median(pairs.map(({ reading }) => reading.cpuSeconds));
  const peakRssBytes = Math.max(...pairs.map(({ reading }) => reading.peakRssBytes));
  const json = {
    case: name,
    recordsPerSecond: Math.round(records / seconds),
    megabytesPerSecond: round(byteLength / seconds / 1e6, 1),
    ratioToPipe: round(median(ratios), 3),
    cpuSecondsPerGigabyte: round(cpuSeconds / (byteLength / 1e9), 3),
    peakRssMegabytes: Math.round(peakRssBytes / 1e6),
  };
  const cells = [
    name,
    (json.recordsPerSecond / 1e6).toFixed(3),
    json.megabytesPerSecond.toFixed(0),
    (byteLength / pipeSeconds / 1e6).toFixed(0),
    json.ratioToPipe.toFixed(2),
    spread(ratios, 2),
    json.cpuSecondsPerGigabyte.toFixed(2),
    String(json.peakRssMegabytes),
  ];
  return { json, cells };
}
