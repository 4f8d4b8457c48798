import { constants, openSync } from 'node:fs';
import { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * Waits until a reader has opened the FIFO, then opens it for writing.
 *
 * Polls with a non-blocking open, which Linux refuses while there is no reader. A blocking open would hold a thread.
 *
 * @param pollMs - returns the time until the next attempt, in milliseconds.
 * @throws the system's error about the path, or the signal's reason after an abort.
 */
export async function openForReader(path: string, signal: AbortSignal, pollMs: () => number): Promise<number> {
  for (;;) {
    signal.throwIfAborted();
    try {
      return openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENXIO') throw error;
    }
    await delay(pollMs(), undefined, { signal });
  }
}

/** How much of an epoch was written. */
export interface WrittenBytes {
  /** The bytes that the pipe accepted, in whole chunks. */
  readonly bytes: number;
  /** Whether the pipe accepted all bytes. False if the reader left or the agent was closed. */
  readonly complete: boolean;
}

/**
 * Writes chunks to a FIFO at the speed of its reader, then closes it. Holds one chunk and no thread. The reader still
 * gets the bytes in the pipe after the close.
 *
 * @param fd - a non-blocking descriptor. It is always closed.
 * @throws the error of `chunks`.
 */
export async function writeToReader(
  fd: number,
  chunks: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): Promise<WrittenBytes> {
  const socket = new Socket({ fd, readable: false, writable: true });
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  // The callback of `write` gets the error. Without a listener here, the error would end the process.
  socket.on('error', () => undefined);
  const stop = () => socket.destroy();
  signal.addEventListener('abort', stop);
  let bytes = 0;
  try {
    for await (const chunk of chunks) {
      if (!(await write(socket, chunk))) return { bytes, complete: false };
      bytes += chunk.byteLength;
    }
    return { bytes, complete: !signal.aborted };
  } finally {
    signal.removeEventListener('abort', stop);
    socket.destroy();
    await closed;
  }
}

/** Returns whether the pipe accepted the whole chunk. A write fails only if the reader left or the socket was destroyed. */
function write(socket: Socket, chunk: Uint8Array): Promise<boolean> {
  return new Promise((resolve) => socket.write(chunk, (error) => resolve(!error)));
}
