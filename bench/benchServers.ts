import { createReadStream, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { startPinned, type Pinned } from './processes.js';
import type { BenchContext } from './section.js';
import { startModule } from './startReader.js';
import type { BenchServer } from './storeReader.js';

const S3_SERVER = fileURLToPath(new URL('../../scripts/s3Server/main.ts', import.meta.url));

type Measure<R> = (server: BenchServer) => Promise<R>;

/** Runs a `node:http` server on the writer's CPU. Each key is an object of `size` bytes. */
export async function withBareServer<R>({ cpus }: BenchContext, size: number, measure: Measure<R>): Promise<R> {
  const server = startModule('storeServer.js', [String(size)], cpus.writer);
  return whileRunning(server, (port) =>
    measure({
      endpoint: `http://127.0.0.1:${port}`,
      accessKeyId: 'key',
      secretAccessKey: 'secret',
      version: '"1"',
    }),
  );
}

/** Runs a proxy with latency and a limited rate in front of a server on this machine. */
export async function withSlowLink<R>(
  { cpus }: BenchContext,
  { server, link }: { readonly server: BenchServer; readonly link: object },
  measure: Measure<R>,
): Promise<R> {
  const { port } = new URL(server.endpoint);
  const proxy = startModule('slowLink.js', [JSON.stringify({ port: Number(port), ...link })], cpus.writer);
  return whileRunning(proxy, (own) => measure({ ...server, endpoint: `http://127.0.0.1:${own}` }));
}

/** Runs OpenStack Swift on the writer's CPU, with one object `0` of `size` bytes. */
export async function withSwift<R>({ cpus, folder }: BenchContext, size: number, measure: Measure<R>): Promise<R> {
  const swift = startPinned(cpus.writer, process.execPath, ['--import', 'tsx', S3_SERVER]);
  const measureSwift = async (text: string): Promise<R> => {
    const { AWS_ENDPOINT_URL_S3: endpoint = '', ...keys } = Object.fromEntries(
      [...text.matchAll(/(AWS_\w+)=(\S+)/g)].map(([, name, value]) => [name, value]),
    ) as Record<string, string>;
    const { AWS_ACCESS_KEY_ID: accessKeyId = '', AWS_SECRET_ACCESS_KEY: secretAccessKey = '' } = keys;
    const file = join(folder, 'object');
    writeFileSync(file, Buffer.alloc(size));
    const client = new S3Client({
      endpoint,
      region: 'us-east-1',
      forcePathStyle: true,
      credentials: { accessKeyId, secretAccessKey },
      requestChecksumCalculation: 'WHEN_REQUIRED',
    });
    await client.send(new CreateBucketCommand({ Bucket: 'bucket' }));
    const body = { Body: createReadStream(file), ContentLength: size };
    const { ETag: version = '' } = await client.send(new PutObjectCommand({ Bucket: 'bucket', Key: '0', ...body }));
    client.destroy();
    return measure({ endpoint, accessKeyId, secretAccessKey, version });
  };
  return whileRunning(swift, measureSwift, /AWS_SECRET_ACCESS_KEY=\S+\s/);
}

/** Waits until the output of a process matches `end`, calls `measure` with the output, and then ends the process. */
async function whileRunning<R>(
  { child, output }: Pinned,
  measure: (text: string) => Promise<R>,
  end = /\n$/,
): Promise<R> {
  const { stdout } = child;
  if (!stdout) throw new Error('a process without output');
  try {
    const ready = new Promise<string>((resolve) => {
      let text = '';
      stdout.on('data', (bytes: Buffer) => {
        text += bytes.toString();
        if (end.test(text)) resolve(text.trim());
      });
    });
    // If the process ends early, `output` rejects.
    return await measure(await Promise.race([ready, output.then(() => '')]));
  } finally {
    child.kill();
    await output.catch(() => undefined);
  }
}
