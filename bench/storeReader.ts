/** The measured process: reads objects in one way, and prints the time and the memory. */
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { fileStore, fromFile, recordsFromFiles, storeBytes, type Store, type StoredObject } from 'millrace';
import { s3Store } from 'millrace/s3';

export type StoreWay = 'ranges' | 'small' | 'small-sdk' | 'file-store' | 'file';

/** The only argument of the process, as JSON. */
export interface StoreTask {
  readonly way: StoreWay;
  /** The port of the server, or a path. */
  readonly place: string;
  readonly objects: number;
  readonly byteLength: number;
  readonly rangeBytes: number;
  readonly concurrency: number;
}

export interface StoreReading {
  readonly bytes: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** Before the reading: Node.js with the loaded modules. */
  readonly idleRssBytes: number;
  readonly peakRssBytes: number;
}

const task = JSON.parse(process.argv[2] ?? '{}') as StoreTask;
const { objects, byteLength, concurrency, rangeBytes, place } = task;
const client = new S3Client({
  endpoint: `http://127.0.0.1:${place}`,
  region: 'us-east-1',
  forcePathStyle: true,
  credentials: { accessKeyId: 'key', secretAccessKey: 'secret' },
});
const object = (index: number): StoredObject => {
  return { url: `s3://bucket/${index}`, byteLength, version: '"1"', hasRanges: true };
};
const store: Store = {
  ...s3Store(client),
  list: async function* () {
    for (let i = 0; i < objects; i++) yield await Promise.resolve(object(i));
  },
};
let bytes = 0;
const count = (chunk: Uint8Array): void => void (bytes += chunk.length);

const WAYS: Readonly<Record<StoreWay, () => Promise<unknown>>> = {
  ranges: () => storeBytes(store, object(0), { rangeBytes, concurrency }).forEach(count),
  small: () =>
    recordsFromFiles('s3://bucket/**', { recordFormat: (bytes$) => bytes$, store, rangeBytes, concurrency }).forEach(
      count,
    ),
  'small-sdk': async () => {
    let next = 0;
    const work = async (): Promise<void> => {
      while (next < objects) {
        const Range = `bytes=0-${byteLength - 1}`;
        const { Body } = await client.send(new GetObjectCommand({ Bucket: 'bucket', Key: String(next++), Range }));
        count((await Body?.transformToByteArray()) ?? new Uint8Array(0));
      }
    };
    await Promise.all(Array.from({ length: concurrency }, work));
  },
  'file-store': async () => {
    const files = fileStore();
    for await (const file of files.list(place))
      await storeBytes(files, file, { rangeBytes, concurrency }).forEach(count);
  },
  file: () => fromFile(place).forEach(count),
};

const idleRssBytes = process.memoryUsage.rss();
const cpuBefore = process.cpuUsage();
const startedAt = performance.now();
await WAYS[task.way]();
const seconds = (performance.now() - startedAt) / 1000;
const { user, system } = process.cpuUsage(cpuBefore);
const peakRssBytes = process.resourceUsage().maxRSS * 1024;
const reading: StoreReading = { bytes, seconds, cpuSeconds: (user + system) / 1e6, idleRssBytes, peakRssBytes };
console.log(JSON.stringify(reading));
client.destroy();
