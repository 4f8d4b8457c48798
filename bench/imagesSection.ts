import { encodeRecordIO } from 'millrace/formats';
import { withDataFiles } from './dataFile.js';
import { encodeImages } from './imageCases.js';
import { readInPairs } from './pairs.js';
import { READING_COLUMNS, readingOf, readingPairs, type Compared } from './readingPairs.js';
import type { BenchContext, Result, Section } from './section.js';
import { startReader } from './startReader.js';
import { atLeast, atMost } from './targets.js';

const MEBIBYTE = 1024 * 1024;
const SIZES = { byteLength: 24 * MEBIBYTE, warmUpByteLength: 4 * MEBIBYTE };
interface Comparison extends Omit<Compared, 'byteLength'> {
  readonly rival: string;
}

const COMPARISONS: Readonly<Record<string, Omit<Comparison, 'name'>>> = {
  images: {
    rival: 'images sharp',
    against: 'sharp alone',
    targets: ({ speedup, cpuRatio }) => [atLeast('speedup', speedup, 0.95), atMost('CPU ratio', cpuRatio, 1.05)],
  },
  'images-augmented': { rival: 'images', against: 'decoding and batches alone' },
};

/** Decodes JPEGs in RecordIO, on both CPUs. */
export const IMAGES_SECTION: Section = {
  title: 'Images: RecordIO of JPEGs to batches',
  name: 'images-all',
  method: ({ pairs }) => `pairs: ${pairs}; each reading: ${SIZES.byteLength / MEBIBYTE} MiB, after a warm-up of 2 s`,
  columns: READING_COLUMNS,
  measurements: Object.fromEntries(
    Object.entries(COMPARISONS).map(([name, comparison]) => [
      name,
      (context: BenchContext) => compare({ name, ...comparison }, context),
    ]),
  ),
  isQuick: false,
};

async function compare({ rival, ...compared }: Comparison, context: BenchContext): Promise<Result> {
  const records = (await encodeImages()).map((image) => encodeRecordIO(image));
  const record = (index: number): Uint8Array => records[index % records.length] as Uint8Array;
  return withDataFiles({ ...context, ...SIZES, record }, async ({ warmUp, measured }) => {
    const input = { warmUpPath: warmUp.path, path: measured.path };
    const cpus = `${context.cpus.reader},${context.cpus.writer}`;
    const read = (job: string) => () => readingOf(job, startReader({ job, input }, cpus).output, measured.records);
    const readings = await readInPairs({ ...context, ours: read(compared.name), theirs: read(rival) });
    return readingPairs({ ...compared, byteLength: measured.byteLength }, readings);
  });
}
