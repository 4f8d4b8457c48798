import { CASES } from './cases.js';
import { withDataFiles } from './dataFile.js';
import { missingPackages } from './missingSoftware.js';
import { readInPairs } from './pairs.js';
import { READING_COLUMNS, readingOf, readingPairs } from './readingPairs.js';
import { atMostFivePairs, type BenchContext, type Result, type Section } from './section.js';
import { startReader } from './startReader.js';
import { atLeast } from './targets.js';

const MEBIBYTE = 1024 * 1024;
const SIZES = { byteLength: 128 * MEBIBYTE, warmUpByteLength: 16 * MEBIBYTE };

interface Comparison {
  readonly case: keyof typeof CASES;
  readonly rival: string;
  readonly against: string;
  /** The packages of the rival that are not dependencies. */
  readonly packages?: readonly string[];
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
    packages: ['@roboflow/tfrecords'],
    against: '@roboflow/tfrecords, the whole file in memory',
    // The library needs a millisecond for each example.
    sizes: { byteLength: 8 * MEBIBYTE, warmUpByteLength: MEBIBYTE },
  },
  'against-tfrecord-stream': {
    case: 'example-readme',
    rival: 'tfrecord-stream',
    packages: ['tfrecord-stream'],
    against: 'tfrecord-stream',
  },
  'against-streaming-iterables': {
    case: 'example-readme',
    rival: 'streaming-iterables',
    packages: ['streaming-iterables'],
    against: 'batch and buffer of streaming-iterables with protobufjs',
  },
};

/** Compares this package with other Node.js libraries that read the same file. */
export const COMPARISON_SECTION: Section = {
  title: 'Compared with other libraries, from the same file',
  name: 'libraries',
  method: ({ pairs }) => `pairs: ${pairs}; each reading: 128 MiB, after a warm-up of 2 s`,
  pairs: atMostFivePairs,
  columns: READING_COLUMNS,
  measurements: measurementsOf(COMPARISONS),
  isQuick: false,
};

/** Like `COMPARISON_SECTION`, but with packages that are not dependencies. */
export const PEERS_SECTION: Section = {
  title: 'Compared with packages that have to be installed, from the same file',
  name: 'against-peers',
  method: ({ pairs }) => `pairs: ${pairs}; each reading: 128 MiB (@roboflow/tfrecords: 8 MiB), after a warm-up of 2 s`,
  pairs: atMostFivePairs,
  missing: (name) =>
    missingPackages(
      OPTIONAL_COMPARISONS[name]?.packages ?? [],
      Object.values(OPTIONAL_COMPARISONS).flatMap(({ packages = [] }) => packages),
    ),
  columns: READING_COLUMNS,
  measurements: measurementsOf(OPTIONAL_COMPARISONS),
  isQuick: false,
};

function measurementsOf(comparisons: Readonly<Record<string, Comparison>>): Section['measurements'] {
  return Object.fromEntries(
    Object.entries(comparisons).map(([name, comparison]) => [name, (context) => compare(name, comparison, context)]),
  );
}

function compare(name: string, comparison: Comparison, context: BenchContext): Promise<Result> {
  const { case: job, rival, against, target, sizes = SIZES } = comparison;
  const { record } = CASES[job];
  return withDataFiles({ ...context, ...sizes, record }, async ({ warmUp, measured }) => {
    const input = { warmUpPath: warmUp.path, path: measured.path };
    const read = (job: string) => () =>
      readingOf(job, startReader({ job, input }, context.cpus.reader).output, measured.records);
    const readings = await readInPairs({ ...context, ours: read(job), theirs: read(rival) });
    const compared = { name, against, byteLength: measured.byteLength };
    if (target === undefined) return readingPairs(compared, readings);
    return readingPairs({ ...compared, targets: ({ speedup }) => [atLeast('speedup', speedup, target)] }, readings);
  });
}
