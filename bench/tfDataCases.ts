import { recordsFromFiles, toAsyncIterable } from 'millrace';
import { encodeTFRecord, fixedLenFeature, rawFeature } from 'millrace/formats';
import { batch, parseExample, prefetch, shuffle } from 'millrace/operators';
import { readmeExample } from './cases.js';
import { encodeImages } from './imageCases.js';
import type { Job } from './job.js';

export interface TfDataCase {
  /** The job of this package, by its name in `JOBS`. */
  readonly job: string;
  /** The settings of tf.data in `readTfData.py`. */
  readonly settings: readonly string[];
  readonly byteLength: number;
  /** The number of files. Each has `byteLength / files` bytes. */
  readonly files: number;
  /** Resolves with a function that encodes a TFRecord. */
  readonly records: () => Promise<(index: number) => Uint8Array>;
}

const MEBIBYTE = 1024 * 1024;
const SHUFFLE_BUFFER = 10_000;

const shuffledFiles: Job = async ({ path }) => {
  const batches$ = recordsFromFiles(path, { recordFormat: 'TFRecord', shuffleSeed: 7, cycleLength: 4 }).pipe(
    shuffle(SHUFFLE_BUFFER, { seed: 7 }),
    batch(64),
    parseExample({ data: rawFeature([100], 'float64'), labels: fixedLenFeature([], 'int64') }),
    prefetch(10),
  );
  let examples = 0;
  for await (const { labels } of toAsyncIterable(batches$)) examples += labels.data.length;
  return examples;
};

const examples = (): Promise<(index: number) => Uint8Array> => Promise.resolve(readmeExample);

async function jpegs(): Promise<(index: number) => Uint8Array> {
  const records = (await encodeImages()).map((image) => encodeTFRecord(image));
  return (index) => records[index % records.length] as Uint8Array;
}

/** The jobs that this package and tf.data run on the same files. */
export const TF_DATA_CASES: Readonly<Record<string, TfDataCase>> = {
  readme: {
    job: 'example-readme',
    settings: ['autotune', 'as-written'],
    byteLength: 128 * MEBIBYTE,
    files: 1,
    records: examples,
  },
  images: {
    job: 'tf-data images',
    settings: ['autotune', 'parallel'],
    byteLength: 24 * MEBIBYTE,
    files: 1,
    records: jpegs,
  },
  shuffled: {
    job: 'tf-data shuffled',
    settings: ['autotune', 'parallel'],
    byteLength: 128 * MEBIBYTE,
    files: 8,
    records: examples,
  },
};

export const TF_DATA_JOBS: Readonly<Record<string, Job>> = { 'tf-data shuffled': shuffledFiles };
