/** The measured process: reads the objects of one task, and prints the time and the memory. */
import { Agent, get } from 'node:http';
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { fileStore, fromFile, recordsFromFiles, storeBytes, type Store, type StoredObject } from 'millrace';
import { s3Store } from 'millrace/s3';

export type StoreWay = 'ranges' | 'node-http' | 'small' | 'small-sdk' | 'file-store' | 'file';

/** The only argument of the process, as JSON. */
export interface StoreTask {
  readonly way: StoreWay;
  /** The path of the file. */
  readonly path?: string;
  readonly server?: BenchServer;
  readonly objects: number;
  readonly byteLength: number;
  readonly rangeBytes: number;
  readonly concurrency: number;
}

/** A server of S3 with a bucket `bucket`. */
export interface BenchServer {
  readonly endpoint: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** The ETag of each object. */
  readonly version: string;
}

export interface StoreReading {
  readonly bytes: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** The memory before the reading: Node.js with the loaded modules. */
  readonly idleRssBytes: number;
  readonly peakRssBytes: number;
}

const task = JSON.parse(process.argv[2] ?? '{}') as StoreTask;
const { objects, byteLength, concurrency, rangeBytes, path = '' } = task;
const { endpoint = '', version = '', ...credentials } = task.server ?? { accessKeyId: '', secretAccessKey: '' };
const client = new S3Client({ endpoint, region: 'us-east-1', forcePathStyle: true, credentials });
const object = (index: number): StoredObject => {
  return { url: `s3://bucket/${index}`, byteLength, version, hasRanges: true };
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
  'node-http': async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: concurrency });
    await inPool(Math.ceil(byteLength / rangeBytes), (index) => discardRange(index * rangeBytes, agent));
    agent.destroy();
  },
  'small-sdk': () =>
    inPool(objects, async (index) => {
      const Range = `bytes=0-${byteLength - 1}`;
      const { Body } = await client.send(new GetObjectCommand({ Bucket: 'bucket', Key: String(index), Range }));
      count((await Body?.transformToByteArray()) ?? new Uint8Array(0));
    }),
  'file-store': async () => {
    const files = fileStore();
    for await (const file of files.list(path))
      await storeBytes(files, file, { rangeBytes, concurrency }).forEach(count);
  },
  file: () => fromFile(path).forEach(count),
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

async function inPool(items: number, work: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items) await work(next++);
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
}

/** Reads a range without a signature, and drops its bytes. */
function discardRange(start: number, agent: Agent): Promise<void> {
  const range = `bytes=${start}-${Math.min(start + rangeBytes, byteLength) - 1}`;
  return new Promise((resolve, reject) => {
    const request = get(`${endpoint}/bucket/0`, { agent, headers: { range } }, (response) => {
      response.on('data', count).on('end', resolve).on('error', reject);
    });
    request.on('error', reject);
  });
}
