import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { channel, toAsyncIterable } from 'millrace';
import { startLocalAgent, type LocalAgent, type TrainingJobRequest } from 'millrace/agent';
import { decodeRaw, encodeExample, encodeTFRecord, fixedLenFeature } from 'millrace/formats';
import { batch, decodeRecordIO, decodeTFRecord, parseSingleExample, prefetch } from 'millrace/operators';
import { map, repeat } from 'rxjs';
import { temporaryFolders } from '../support/temporaryFolder.js';

const newFolder = temporaryFolders();
let agent: LocalAgent | undefined;
afterEach(() => agent?.close());

/** Serves files as the objects of one channel. */
async function serve(
  ChannelName: string,
  files: Record<string, Uint8Array>,
  RecordWrapperType: 'None' | 'RecordIO' = 'None',
): Promise<string> {
  const folder = join(newFolder(), 'data');
  mkdirSync(folder);
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes);
  const DataSource = { S3DataSource: { S3DataType: 'S3Prefix', S3Uri: folder } } as const;
  const job: TrainingJobRequest = { InputDataConfig: [{ ChannelName, DataSource, RecordWrapperType }] };
  agent = await startLocalAgent(job);
  return agent.baseDir;
}

describe('the snippets of the README of sagemaker-tensorflow-extensions', () => {
  it('repeat, prefetch, map and batch, in that order', async () => {
    const records = Array.from({ length: 100 }, (_, index) => {
      const data = Float64Array.from({ length: 100 }, (_, column) => index + column / 100);
      const bytes = new Uint8Array(data.buffer);
      return encodeTFRecord(encodeExample({ data: { bytesList: [bytes] }, labels: { int64List: [BigInt(index)] } }));
    });
    const baseDir = await serve('training', { 'data.tfrecord': Buffer.concat(records) });

    const features = { data: fixedLenFeature([], 'bytes'), labels: fixedLenFeature([], 'int64') };
    const numEpochs = 20;
    const ds = channel('training', { baseDir }).pipe(
      decodeTFRecord(),
      repeat(numEpochs),
      prefetch(10),
      parseSingleExample(features),
      map(({ data, labels }) => [{ data: decodeRaw(data.data[0] as Uint8Array, 'float64') }, labels] as const),
      batch(64),
    );

    const labelsSeen: number[] = [];
    const sizes: number[] = [];
    for await (const [{ data }, labels] of toAsyncIterable(ds)) {
      const count = labels.shape[0] as number;
      expect(data).toMatchObject({ dtype: 'float64', shape: [count, 100] });
      for (let row = 0; row < count; row++) expect(data.data[row * 100]).toBe(Number(labels.data[row]));
      labelsSeen.push(...Array.from(labels.data, Number));
      sizes.push(count);
    }
    expect(labelsSeen).toEqual(Array.from({ length: 100 * numEpochs }, (_, index) => index % 100));
    expect(sizes).toEqual([...Array<number>(31).fill(64), 16]);
  });

  it('batch(3) and a combining function, for an augmented manifest of three attributes', async () => {
    // The attributes of an augmented manifest are consecutive records, like these objects.
    const attributes = {
      '0-image': [255, 216, 0],
      '1-label': [7],
      '2-note': [110],
      '3-image': [255],
      '4-label': [8],
      '5-note': [],
    };
    const files = Object.fromEntries(Object.entries(attributes).map(([name, bytes]) => [name, Uint8Array.from(bytes)]));
    const baseDir = await serve('my_channel', files, 'RecordIO');

    const combine = ([image, label, note]: Uint8Array[]): unknown => [image, label, note];
    const ds = channel('my_channel', { baseDir }).pipe(decodeRecordIO(), batch(3), map(combine));

    const tuples: unknown[] = [];
    for await (const tuple of toAsyncIterable(ds)) tuples.push(tuple);
    expect(tuples).toEqual([
      [Uint8Array.of(255, 216, 0), Uint8Array.of(7), Uint8Array.of(110)],
      [Uint8Array.of(255), Uint8Array.of(8), new Uint8Array(0)],
    ]);
  });
});
