import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { startPinned } from './processes.js';
import type { BenchContext } from './section.js';
import type { BenchServer, StoreTask } from './storeReader.js';

/**
 * Reads an object with curl, in the same ranges and over as many connections as Millrace. Returns the time in seconds,
 * with about 20 ms for the start of curl.
 */
export async function readWithCurl(
  { cpus, folder }: BenchContext,
  { server, byteLength, rangeBytes, concurrency }: StoreTask & { readonly server: BenchServer },
): Promise<number> {
  const url = new URL(`${server.endpoint}/bucket/0`);
  // An access key may contain a colon, which the option `user` does not allow.
  url.username = encodeURIComponent(server.accessKeyId);
  url.password = encodeURIComponent(server.secretAccessKey);
  const noBody = createHash('sha256').digest('hex');
  const parts: string[] = [];
  for (let start = 0; start < byteLength; start += rangeBytes) {
    const end = Math.min(start + rangeBytes, byteLength);
    const options = [`url = "${url.href}"`, `range = "${start}-${end - 1}"`, 'output = "/dev/null"', 'silent', 'fail'];
    // Old versions of curl do not send this header themselves.
    const signature = ['aws-sigv4 = "aws:amz:us-east-1:s3"', `header = "x-amz-content-sha256: ${noBody}"`];
    parts.push([...options, ...signature, ''].join('\n'));
  }
  const config = join(folder, 'curl.config');
  writeFileSync(config, parts.join('next\n'));
  const startedAt = performance.now();
  await startPinned(cpus.reader, 'curl', ['--parallel', '--parallel-max', `${concurrency}`, '--config', config]).output;
  return (performance.now() - startedAt) / 1000;
}
