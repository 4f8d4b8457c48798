import { once } from 'node:events';
import { close, createReadStream, open, read, readSync } from 'node:fs';
import { Socket } from 'node:net';
import { promisify } from 'node:util';
import { fromFifo } from 'millrace';
import type { Job } from './job.js';

/*
 * Ways to read a FIFO in Node.js. `fs.read`, `fs.readSync` and one of the sockets read into one buffer again and again.
 */

/** The size of a buffer. The jobs count the data in pieces of this size, like the case `bytes`. */
const PIECE_BYTES = 65_536;

/** Returns the number of bytes. */
type ReadAll = (path: string) => Promise<number>;

const [openFifo, closeFifo, readFifo] = [promisify(open), promisify(close), promisify(read)];

function stream(highWaterMark: number): ReadAll {
  return async (path) => {
    let bytes = 0;
    for await (const chunk of createReadStream(path, { highWaterMark }) as AsyncIterable<Uint8Array>) {
      bytes += chunk.length;
    }
    return bytes;
  };
}

function loop(readSome: (fd: number, buffer: Uint8Array) => Promise<number> | number): ReadAll {
  return async (path) => {
    const fd = await openFifo(path, 'r');
    const buffer = Buffer.allocUnsafeSlow(PIECE_BYTES);
    let bytes = 0;
    for (let length = NaN; length !== 0; bytes += length) length = await readSome(fd, buffer);
    await closeFifo(fd);
    return bytes;
  };
}

const socketData: ReadAll = async (path) => {
  const socket = new Socket({ fd: await openFifo(path, 'r'), readable: true, writable: false });
  let bytes = 0;
  socket.on('data', (chunk: Uint8Array) => (bytes += chunk.length));
  await once(socket, 'end');
  return bytes;
};

const socketIntoBuffer: ReadAll = async (path) => {
  let bytes = 0;
  const callback = (length: number): boolean => {
    bytes += length;
    return true;
  };
  const onread = { buffer: Buffer.allocUnsafeSlow(PIECE_BYTES), callback };
  // The type declares `onread` only for sockets that connect, but every socket accepts it.
  const options = { fd: await openFifo(path, 'r'), readable: true, writable: false, onread };
  await once(new Socket(options).resume(), 'end');
  return bytes;
};

/** Millrace's source reads with a socket into new memory. */
const millrace: ReadAll = async (path) => {
  let bytes = 0;
  await fromFifo(path).forEach((chunk) => (bytes += chunk.length));
  return bytes;
};

const METHODS: Readonly<Record<string, ReadAll>> = {
  'fs.createReadStream, 64 KiB': stream(64 * 1024),
  'fs.createReadStream, 1 MiB': stream(1024 * 1024),
  'fs.read': loop(async (fd, buffer) => (await readFifo(fd, buffer, 0, PIECE_BYTES, null)).bytesRead),
  'fs.readSync': loop((fd, buffer) => readSync(fd, buffer)),
  "net.Socket, 'data' events": socketData,
  'net.Socket into new memory: fromFifo': millrace,
  'net.Socket into one buffer': socketIntoBuffer,
};

export const FIFO_METHODS: Readonly<Record<string, Job>> = Object.fromEntries(
  Object.entries(METHODS).map(([name, readAll]) => [name, async ({ path }) => (await readAll(path)) / PIECE_BYTES]),
);
