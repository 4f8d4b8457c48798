import { toAsyncIterable } from 'millrace';
import {
  encodeExample,
  encodeRecordIO,
  encodeTextLine,
  encodeTFRecord,
  fixedLenFeature,
  rawFeature,
} from 'millrace/formats';
import { batch, decodeRecordIO, decodeTextLine, decodeTFRecord, parseExample, prefetch } from 'millrace/operators';
import { toDataset } from 'millrace/tfjs';
import { lastValueFrom, map, reduce, type Observable, type OperatorFunction } from 'rxjs';
import type { Job } from './job.js';
import { loadTensorFlow } from './loadTensorFlow.js';
import { pseudoRandomBytes } from './pseudoRandomBytes.js';

export interface FifoCase {
  /** Returns an encoded record. A file repeats the first 4 MiB of records. */
  readonly record: (index: number) => Uint8Array;
  readonly job: Job;
}

const CHUNK_BYTES = 65_536;
const BATCH = 64;

/** Counts the decoded items. Measurements of TensorFlow's own reader also count the records. */
const counted =
  (decode: OperatorFunction<Uint8Array, unknown>): Job =>
  ({ bytes$ }) =>
    lastValueFrom(
      bytes$.pipe(
        decode,
        reduce((count) => count + 1, 0),
      ),
    );

const recordIO = (length: number): FifoCase => ({
  record: (index) => encodeRecordIO(pseudoRandomBytes(length, index)),
  job: counted(decodeRecordIO()),
});

const tfRecord = (length: number): FifoCase => ({
  record: (index) => encodeTFRecord(pseudoRandomBytes(length, index)),
  job: counted(decodeTFRecord()),
});

/** `length` includes the newline. */
const textLine = (length: number) => (index: number) =>
  encodeTextLine(String.fromCharCode(...pseudoRandomBytes(length - 1, index).map((byte) => 32 + (byte % 95))));

/** The example from the README of `sagemaker_tensorflow`: 100 float64 numbers as bytes, and a label. */
export function readmeExample(index: number): Uint8Array {
  const data = new Uint8Array(Float64Array.from({ length: 100 }, (_, at) => (index + at) / 7).buffer);
  return encodeTFRecord(encodeExample({ data: { bytesList: [data] }, labels: { int64List: [index % 10] } }));
}

export const readmeBatches = (bytes$: Observable<Uint8Array>) =>
  bytes$.pipe(
    decodeTFRecord(),
    batch(BATCH),
    parseExample({ data: rawFeature([100], 'float64'), labels: fixedLenFeature([], 'int64') }),
    prefetch(10),
  );

/** An example with a label and 3,072 floats, the size of a CIFAR image. */
export function floatsExample(index: number): Uint8Array {
  const image = Float32Array.from({ length: 3072 }, (_, at) => ((index + at) % 256) / 256);
  return encodeTFRecord(encodeExample({ image: { floatList: image }, label: { int64List: [index % 10] } }));
}

export const floatsBatches = (bytes$: Observable<Uint8Array>) =>
  bytes$.pipe(
    decodeTFRecord(),
    batch(BATCH),
    parseExample({ image: fixedLenFeature([3072], 'float32'), label: fixedLenFeature([], 'int64') }),
    prefetch(10),
  );

const exampleReadme: Job = async ({ bytes$ }) => {
  let examples = 0;
  for await (const { labels } of toAsyncIterable(readmeBatches(bytes$))) examples += labels.data.length;
  return examples;
};

const exampleFloats: Job = async ({ bytes$ }) => {
  let examples = 0;
  for await (const { label } of toAsyncIterable(floatsBatches(bytes$))) examples += label.data.length;
  return examples;
};

const exampleTensors: Job = async ({ bytes$ }) => {
  const tf = await loadTensorFlow();
  const batches$ = readmeBatches(bytes$).pipe(map(({ data, labels }) => ({ xs: data, ys: labels })));
  const iterator = await toDataset(tf, batches$).iterator();
  let examples = 0;
  for (let result = await iterator.next(); result.done !== true; result = await iterator.next()) {
    examples += result.value.ys.size;
    tf.dispose([result.value.xs, result.value.ys]);
  }
  return examples;
};

export const CASES = {
  bytes: {
    record: (index) => pseudoRandomBytes(CHUNK_BYTES, index),
    job: async ({ bytes$ }) =>
      (await lastValueFrom(bytes$.pipe(reduce((sum, chunk) => sum + chunk.byteLength, 0)))) / CHUNK_BYTES,
  },
  'recordio-512k': recordIO(512 * 1024),
  'recordio-64k': recordIO(64 * 1024),
  'recordio-1k': recordIO(1024),
  'recordio-64': recordIO(64),
  'tfrecord-64k': tfRecord(64 * 1024),
  'tfrecord-1k': tfRecord(1024),
  'tfrecord-64': tfRecord(64),
  'textline-100': { record: textLine(100), job: counted(decodeTextLine()) },
  'example-readme': { record: readmeExample, job: exampleReadme },
  'example-floats': { record: floatsExample, job: exampleFloats },
  'example-tensors': { record: readmeExample, job: exampleTensors },
} satisfies Readonly<Record<string, FifoCase>>;
