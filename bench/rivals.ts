import { createReadStream } from 'node:fs';
import type { Tensor } from '@tensorflow/tfjs';
import { createExampleParser, fixedLenFeature, rawFeature, TFRecordReader } from 'millrace/formats';
import { bufferCount, from, lastValueFrom, reduce } from 'rxjs';
import type { Job, JobInput } from './job.js';
import { loadTensorFlow } from './loadTensorFlow.js';

/*
 * The jobs with other libraries for Node.js. If a job does not compare codecs, it uses this package's codecs, because
 * other codecs are slower.
 */

const FEATURES = { data: rawFeature([100], 'float64'), labels: fixedLenFeature([], 'int64') };
const CHUNK_BYTES = 1024 * 1024;

/** Yields the result of `make` for each record of a file. Uses the reader of this package, which verifies checksums. */
async function* eachRecord<T>({ path }: JobInput, make: (record: Uint8Array) => T): AsyncGenerator<T, undefined> {
  const reader = new TFRecordReader();
  for await (const chunk of createReadStream(path, { highWaterMark: CHUNK_BYTES }) as AsyncIterable<Uint8Array>) {
    reader.push(chunk);
    for (let record = reader.read(); record; record = reader.read()) yield make(record);
  }
  reader.end();
}

/** Makes batches of tensors with tfjs-data. The parser of this package reads the examples. */
const tfjsGenerator: Job = async (input) => {
  const tf = await loadTensorFlow();
  const parser = createExampleParser(FEATURES);
  const examples = () =>
    eachRecord(input, (record) => {
      const { data, labels } = parser.parseSingle(record);
      return { xs: new Float32Array(data.data), ys: Number(labels.data[0]) };
    });
  const iterator = await tf.data.generator(examples).batch(64).prefetch(2).iterator();
  let count = 0;
  for (let result = await iterator.next(); !result.done; result = await iterator.next()) {
    const { xs, ys } = result.value as { readonly xs: Tensor; readonly ys: Tensor };
    count += ys.size;
    tf.dispose([xs, ys]);
  }
  return count;
};

/** Verifies and parses the examples of a file with npm's `tfrecord`, without batches or arrays. */
const npmTfrecord: Job = async ({ path }) => {
  const { createReader } = await import('tfrecord');
  const reader = await createReader(path);
  let count = 0;
  while (await reader.readExample()) count++;
  return count;
};

/** Yields examples as arrays. protobufjs, which npm's `tfrecord` also uses, parses them. */
export async function parsedByProtobufjs(input: JobInput) {
  const { Example } = await import('tfrecord');
  return eachRecord(input, (record) => {
    const { data, labels } = Example.decode(record).features?.feature ?? {};
    // A copy, because a Float64Array needs aligned bytes.
    const bytes = new Uint8Array(data?.bytesList?.value?.[0] ?? []);
    const label: unknown = labels?.int64List?.value?.[0];
    return { data: new Float64Array(bytes.buffer), label };
  });
}

/** Makes batches with RxJS from an async generator. */
const asyncGenerator: Job = async (input) => {
  const count$ = from(await parsedByProtobufjs(input)).pipe(
    bufferCount(64),
    reduce((count, batch) => count + batch.length, 0),
  );
  return lastValueFrom(count$);
};

/** Counts the records, like the case `tfrecord-64`. */
const asyncGeneratorRecords: Job = (input) =>
  lastValueFrom(from(eachRecord(input, (record) => record)).pipe(reduce((count) => count + 1, 0)));

export const RIVALS: Readonly<Record<string, Job>> = {
  'tfjs-generator': tfjsGenerator,
  'npm-tfrecord': npmTfrecord,
  'async-generator': asyncGenerator,
  'async-generator-records': asyncGeneratorRecords,
};
