import { linkSync, rmSync } from 'node:fs';
import { withDataFiles, type DataFile } from './dataFile.js';
import { ratiosOf, readInPairs, type Pairs } from './pairs.js';
import { startPinned, type Pinned } from './processes.js';
import { hasPythonModule, PYTHON } from './python.js';
import type { FilesInput, Reading } from './reader.js';
import type { BenchContext, Result, Section } from './section.js';
import { startReader } from './startReader.js';
import { median, round, spread } from './statistics.js';
import { TF_DATA_CASES, type TfDataCase } from './tfDataCases.js';

const MOST_PAIRS = 5;
/** Each file of the warm-up is this much smaller than a measured file. */
const WARM_UP_DIVISOR = 16;

/** Compares this package with tf.data of TensorFlow for Python, in turns, on the same files and the same two CPUs. */
export const TF_DATA_SECTION: Section = {
  title: 'Compared with tf.data, from the same files',
  name: 'against-tf-data',
  missing: () =>
    hasPythonModule('tensorflow')
      ? undefined
      : `${PYTHON} has no TensorFlow: python3 -m venv venv && venv/bin/pip install tensorflow-cpu, and set PYTHON=venv/bin/python.`,
  columns: [
    ...['case', 'tf.data', 'ours k rec/s', 'theirs', 'speedup', 'min–max'],
    ...['ours CPU s/GB', 'theirs', 'CPU ratio', 'min–max', 'ours peak MB', 'theirs'],
  ],
  measurements: Object.fromEntries(
    Object.entries(TF_DATA_CASES).flatMap(([name, each]) =>
      each.settings.map((setting) => [
        `against-tf-data-${name}-${setting}`,
        (context: BenchContext) => compare({ ...each, name, setting }, context),
      ]),
    ),
  ),
  isQuick: false,
};

interface Comparison extends TfDataCase {
  readonly name: string;
  readonly setting: string;
}

async function compare(comparison: Comparison, context: BenchContext): Promise<Result> {
  const { name, job, setting, files, byteLength } = comparison;
  const sizes = { byteLength: byteLength / files, warmUpByteLength: byteLength / files / WARM_UP_DIVISOR };
  const record = await comparison.records();
  return withDataFiles({ ...context, ...sizes, record }, async ({ warmUp, measured }) => {
    const links = [warmUp, measured].map((file) => linkFiles(file, files));
    try {
      const [warmUpPath, path] = [`${warmUp.path}-*`, `${measured.path}-*`];
      const single = { warmUpPath: `${warmUp.path}-0`, path: `${measured.path}-0` };
      const cpus = `${context.cpus.reader},${context.cpus.writer}`;
      const total = { byteLength: measured.byteLength * files, records: measured.records * files };
      const input: FilesInput = files === 1 ? single : { warmUpPath, path };
      const rival = ['bench/readTfData.py', name, setting, warmUpPath, path];
      const readings = await readInPairs({
        pairs: Math.min(context.pairs, MOST_PAIRS),
        progress: context.progress,
        ours: () => readingOf('millrace', startReader({ job, input }, cpus), total.records),
        theirs: () => readingOf('tf.data', startPinned(cpus, PYTHON, rival), total.records),
      });
      return resultOf(comparison, total.byteLength, readings);
    } finally {
      for (const link of links.flat()) rmSync(link, { force: true });
    }
  });
}

/** Makes several files of one, which share the page cache. */
function linkFiles({ path }: DataFile, count: number): string[] {
  const links = Array.from({ length: count }, (_, index) => `${path}-${index}`);
  for (const link of links) linkSync(path, link);
  return links;
}

async function readingOf(who: string, { output }: Pinned, records: number): Promise<Reading> {
  const reading = JSON.parse((await output).stdout) as Reading;
  if (reading.records !== records) throw new Error(`${who}: expected ${records} records, found ${reading.records}.`);
  return reading;
}

function resultOf({ name, setting }: Comparison, byteLength: number, readings: Pairs<Reading>): Result {
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
      ...{ case: name, against: `tf.data ${setting}`, speedup, cpuRatio },
      ...{ recordsPerSecond: Number(rates[0]) * 1000, theirRecordsPerSecond: Number(rates[1]) * 1000 },
      ...{ cpuSecondsPerGigabyte: Number(costs[0]), theirCpuSecondsPerGigabyte: Number(costs[1]) },
    },
    cells: [
      ...[name, setting, ...rates, `${speedup}`, spread(speedups, 2)],
      ...[...costs, `${cpuRatio}`, spread(cpuRatios, 2), ...peaks],
    ],
  };
}
