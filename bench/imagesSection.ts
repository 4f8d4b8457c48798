import { encodeRecordIO } from 'millrace/formats';
import { withDataFiles } from './dataFile.js';
import { encodeImages } from './imageCases.js';
import { readInPairs } from './pairs.js';
import { READING_COLUMNS, readingOf, readingPairs } from './readingPairs.js';
import type { BenchContext, Result, Section } from './section.js';
import { startReader } from './startReader.js';

const MEBIBYTE = 1024 * 1024;
const SIZES = { byteLength: 24 * MEBIBYTE, warmUpByteLength: 4 * MEBIBYTE };
const COMPARISONS = {
  images: { rival: 'images sharp', against: 'sharp alone' },
  'images-augmented': { rival: 'images', against: 'decoding and batches alone' },
};

/** Decodes JPEGs in RecordIO, on both CPUs. */
export const IMAGES_SECTION: Section = {
  title: 'Images: RecordIO of JPEGs to batches',
  columns: READING_COLUMNS,
  measurements: Object.fromEntries(
    Object.entries(COMPARISONS).map(([name, { rival, against }]) => [
      name,
      (context: BenchContext) => compare({ name, rival, against }, context),
    ]),
  ),
  isQuick: false,
};

interface Comparison {
  readonly name: string;
  readonly rival: string;
  readonly against: string;
}

async function compare({ name, rival, against }: Comparison, context: BenchContext): Promise<Result> {
  const records = (await encodeImages()).map((image) => encodeRecordIO(image));
  const record = (index: number): Uint8Array => records[index % records.length] as Uint8Array;
  return withDataFiles({ ...context, ...SIZES, record }, async ({ warmUp, measured }) => {
    const input = { warmUpPath: warmUp.path, path: measured.path };
    const cpus = `${context.cpus.reader},${context.cpus.writer}`;
    const read = (job: string) => () => readingOf(job, startReader({ job, input }, cpus).output, measured.records);
    const readings = await readInPairs({ ...context, ours: read(name), theirs: read(rival) });
    return readingPairs({ name, against, byteLength: measured.byteLength }, readings);
  });
}
