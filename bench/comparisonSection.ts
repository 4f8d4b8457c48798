import { CASES } from './cases.js';
import { withDataFiles, type DataFiles } from './dataFile.js';
import { ratiosOf, readInPairs, type Pairs } from './pairs.js';
import { isInstalled, OPTIONAL_PACKAGES } from './optionalRivals.js';
import type { Reading } from './reader.js';
import type { BenchContext, Result, Section } from './section.js';
import { startReader } from './startReader.js';
import { median, round, spread } from './statistics.js';

const MEBIBYTE = 1024 * 1024;
/** More than five pairs would take an hour, because the other libraries are slow. */
const MOST_PAIRS = 5;
const COLUMNS = ['case', 'against', 'ours M rec/s', 'theirs', 'speedup', 'min–max', 'target'];
const SIZES = { byteLength: 128 * MEBIBYTE, warmUpByteLength: 16 * MEBIBYTE };

interface Comparison {
  readonly case: keyof typeof CASES;
  readonly rival: string;
  readonly against: string;
  /** The smallest acceptable speedup, if there is one. */
  readonly target?: number;
  /** The sizes of the data. Default: `SIZES`. */
  readonly sizes?: typeof SIZES;
}

const COMPARISONS: Readonly<Record<string, Comparison>> = {
  'against-tfjs-data': {
    case: 'example-tensors',
    rival: 'tfjs-generator',
    against: 'tfjs-data generator(examples).batch(64).prefetch(2)',
    target: 10,
  },
  'against-tfrecord': { case: 'example-readme', rival: 'npm-tfrecord', against: 'npm tfrecord', target: 5 },
  'against-async-generator': {
    case: 'example-readme',
    rival: 'async-generator',
    against: 'from(asyncGenerator) with protobufjs',
    target: 3,
  },
  'against-async-generator-records': {
    case: 'tfrecord-64',
    rival: 'async-generator-records',
    against: 'from(asyncGenerator) with our own TFRecordReader',
    target: 3,
  },
};

const OPTIONAL_COMPARISONS: Readonly<Record<string, Comparison>> = {
  'against-roboflow-tfrecords': {
    case: 'example-readme',
    rival: 'roboflow',
    against: '@roboflow/tfrecords, the whole file in memory',
    // The library needs a millisecond for each example.
    sizes: { byteLength: 8 * MEBIBYTE, warmUpByteLength: MEBIBYTE },
  },
  'against-tfrecord-stream': { case: 'example-readme', rival: 'tfrecord-stream', against: 'tfrecord-stream' },
  'against-streaming-iterables': {
    case: 'example-readme',
    rival: 'streaming-iterables',
    against: 'batch and buffer of streaming-iterables with protobufjs',
  },
};

/** Compares this package with other Node.js libraries that read the same file. */
export const COMPARISON_SECTION: Section = {
  title: 'Compared with other libraries, from the same file',
  columns: COLUMNS,
  measurements: measurementsOf(COMPARISONS),
  isQuick: false,
};

/** Like `COMPARISON_SECTION`, but with packages that are not dependencies. */
export const PEERS_SECTION: Section = {
  title: 'Compared with packages that have to be installed, from the same file',
  name: 'against-peers',
  missing: () => {
    const names = OPTIONAL_PACKAGES.filter((name) => !isInstalled(name));
    return names.length === 0 ? undefined : `npm install --no-save ${names.join(' ')}`;
  },
  columns: COLUMNS,
  measurements: measurementsOf(OPTIONAL_COMPARISONS),
  isQuick: false,
};

function measurementsOf(comparisons: Readonly<Record<string, Comparison>>): Section['measurements'] {
  return Object.fromEntries(
    Object.entries(comparisons).map(([name, comparison]) => [name, (context) => compare(comparison, context)]),
  );
}

function compare(comparison: Comparison, context: BenchContext): Promise<Result> {
  const { record } = CASES[comparison.case];
  const { sizes = SIZES } = comparison;
  return withDataFiles({ ...context, ...sizes, record }, async (files) => {
    const readings = await readInPairs({
      pairs: Math.min(context.pairs, MOST_PAIRS),
      progress: context.progress,
      ours: () => readFiles(comparison.case, files, context),
      theirs: () => readFiles(comparison.rival, files, context),
    });
    return resultOf(comparison, readings);
  });
}

async function readFiles(job: string, { warmUp, measured }: DataFiles, { cpus }: BenchContext): Promise<Reading> {
  const input = { warmUpPath: warmUp.path, path: measured.path };
  const { stdout } = await startReader({ job, input }, cpus.reader).output;
  const reading = JSON.parse(stdout) as Reading;
  if (reading.records !== measured.records) {
    throw new Error(`${job}: expected ${measured.records} records, found ${reading.records}.`);
  }
  return reading;
}

function resultOf(comparison: Comparison, readings: Pairs<Reading>): Result {
  const { ours, theirs } = readings;
  const speedups = ratiosOf(readings, (our, their) => their.seconds / our.seconds);
  const speedup = median(speedups);
  const rateOf = (readings: readonly Reading[]): string =>
    median(readings.map(({ records, seconds }) => records / seconds / 1e6)).toFixed(3);
  const { case: ourCase, against, target } = comparison;
  return {
    json: { case: ourCase, against, speedup: round(speedup, 2), range: spread(speedups, 1) },
    cells: [
      ourCase,
      against,
      rateOf(ours),
      rateOf(theirs),
      speedup.toFixed(1),
      spread(speedups, 1),
      target === undefined ? '' : `>= ${target}`,
    ],
  };
}
