import { constants, openSync } from 'node:fs';
import { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * Waits for a reader. Repeats a non-blocking open until it succeeds: on Linux, it fails while there is no reader. A
 * blocking open would block a thread.
 *
 * @throws the system's error if the path cannot be opened, or the signal's reason after an abort.
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

export interface WrittenBytes {
  /** The number of bytes in chunks that the pipe accepted completely. */
  readonly bytes: number;
  /** False if the reader left or the agent was closed. */
  readonly complete: boolean;
}

/**
 * Writes chunks at the speed of the reader, then closes the FIFO. Memory: one chunk. Blocks no thread. After the FIFO
 * is closed, the reader still receives the bytes in the pipe.
 *
 * @param fd - a non-blocking descriptor, which is always closed.
 * @throws the error of `chunks`.
 */
export async function writeToReader(
  fd: number,
  chunks: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): Promise<WrittenBytes> {
  const socket = new Socket({ fd, readable: false, writable: true });
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  // Without a listener, an error would end this process. `write` receives the error too.
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

/** Resolves with false if the reader left or the socket was destroyed. */
function write(socket: Socket, chunk: Uint8Array): Promise<boolean> {
  return new Promise((resolve) => socket.write(chunk, (error) => resolve(!error)));
}
