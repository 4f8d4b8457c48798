import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { readFileSync } from 'node:fs';
import type { Job } from './job.js';
import { parsedByProtobufjs } from './rivals.js';

/*
 * The jobs with packages that are not dependencies: `npm install --no-save @roboflow/tfrecords tfrecord-stream
 * streaming-iterables`, or a folder in NODE_PATH that contains them.
 */

const require = createRequire(import.meta.url);

interface Roboflow {
  readonly TFRecordsReader: new (file: Buffer) => { readonly length: number };
}

/**
 * The library can only read a whole file in memory. It verifies the checksums and parses each example. The values are
 * not read, because `getFeature` throws with the version of google-protobuf that npm installs.
 */
const roboflow: Job = ({ path }) => {
  const { TFRecordsReader } = require('@roboflow/tfrecords/src/tensorFlowReader.js') as Roboflow;
  return Promise.resolve(new TFRecordsReader(readFileSync(path)).length);
};

interface TfrecordStream {
  readonly Reader: { create: (path: string) => Promise<{ readExample: () => Promise<unknown> }> };
}

/** Verifies and parses the examples, without batches or arrays, like the job of npm's `tfrecord`. */
const tfrecordStream: Job = async ({ path }) => {
  const { Reader } = require('tfrecord-stream') as TfrecordStream;
  const reader = await Reader.create(path);
  let count = 0;
  while ((await reader.readExample()) !== null) count++;
  return count;
};

interface StreamingIterables {
  readonly batch: <T>(size: number, source: AsyncIterable<T>) => AsyncIterable<T[]>;
  readonly buffer: <T>(size: number, source: AsyncIterable<T>) => AsyncIterable<T>;
}

/** Makes batches, and prefetches ten of them. protobufjs parses the examples, as in `parsedByProtobufjs`. */
const streamingIterables: Job = async (input) => {
  const url = pathToFileURL(require.resolve('streaming-iterables')).href;
  const { batch, buffer } = (await import(url)) as StreamingIterables;
  let count = 0;
  for await (const examples of buffer(10, batch(64, await parsedByProtobufjs(input)))) count += examples.length;
  return count;
};

export const OPTIONAL_RIVALS: Readonly<Record<string, Job>> = {
  roboflow,
  'tfrecord-stream': tfrecordStream,
  'streaming-iterables': streamingIterables,
};
