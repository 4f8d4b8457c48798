/** Serves ranges of zeros as objects of S3, without checking signatures. Prints the port. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import process from 'node:process';

const size = Number(process.argv[2]);
const zeros = Buffer.alloc(16 * 1024 * 1024);

const server = createServer(({ headers }, response) => {
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? '') ?? [];
  const byteLength = Number(last) + 1 - Number(first);
  response.writeHead(206, {
    etag: '"1"',
    'content-length': byteLength,
    'content-range': `bytes ${first}-${last}/${size}`,
  });
  response.end(zeros.subarray(0, byteLength));
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));
