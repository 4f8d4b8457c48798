import { linkSync, rmSync } from 'node:fs';
import { withDataFiles, type DataFile } from './dataFile.js';
import { missingPythonModule, PYTHON } from './missingSoftware.js';
import { readInPairs } from './pairs.js';
import { startPinned } from './processes.js';
import type { FilesInput } from './reader.js';
import { READING_COLUMNS, readingOf, readingPairs } from './readingPairs.js';
import { atMostFivePairs, type BenchContext, type Result, type Section } from './section.js';
import { startReader } from './startReader.js';
import { TF_DATA_CASES, type TfDataCase } from './tfDataCases.js';

/** The size of a measured file, divided by the size of a warm-up file. */
const WARM_UP_DIVISOR = 16;

/** Compares this package with tf.data of TensorFlow for Python, in turns, on the same files and the same two CPUs. */
export const TF_DATA_SECTION: Section = {
  title: 'Compared with tf.data, from the same files',
  name: 'against-tf-data',
  method: ({ pairs }) =>
    `pairs: ${pairs}; each reading: 128 MiB (images: 24 MiB), after a warm-up of 2 s (tf.data: 4 s)`,
  pairs: atMostFivePairs,
  missing: () => missingPythonModule('tensorflow', 'tensorflow-cpu'),
  columns: READING_COLUMNS,
  measurements: Object.fromEntries(
    Object.entries(TF_DATA_CASES).flatMap(([name, each]) =>
      each.settings.map((setting) => [
        measurementOf(name, setting),
        (context: BenchContext) => compare({ ...each, name, setting }, context),
      ]),
    ),
  ),
  isQuick: false,
};

function measurementOf(name: string, setting: string): string {
  return `against-tf-data-${name}-${setting}`;
}

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
        ...context,
        ours: () => readingOf('millrace', startReader({ job, input }, cpus).output, total.records),
        theirs: () => readingOf('tf.data', startPinned(cpus, PYTHON, rival).output, total.records),
      });
      return readingPairs(
        { name: measurementOf(name, setting), against: `tf.data ${setting}`, byteLength: total.byteLength },
        readings,
      );
    } finally {
      for (const link of links.flat()) rmSync(link, { force: true });
    }
  });
}

/** Makes hard links to a file. All links share the page cache. */
function linkFiles({ path }: DataFile, count: number): string[] {
  const links = Array.from({ length: count }, (_, index) => `${path}-${index}`);
  for (const link of links) linkSync(path, link);
  return links;
}
