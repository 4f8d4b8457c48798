import { constants, openSync } from 'node:fs';
import { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * Waits until somebody has opened the FIFO for reading, and opens it for writing.
 *
 * Linux refuses a non-blocking open while there is no reader, so asking again and again holds no thread.
 *
 * @param pollMs - how long until it asks again.
 * @throws what the system says of the path, or the signal's reason once that is aborted.
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

/** What became of an epoch's bytes. */
export interface WrittenBytes {
  /** How many the pipe took, in whole chunks. */
  readonly bytes: number;
  /** Whether the pipe took all of them; otherwise the reader left, or the agent was closed. */
  readonly complete: boolean;
}

/**
 * Writes chunks to a FIFO as fast as its reader takes them, holding one chunk and no thread, and closes it. What the
 * pipe has taken reaches the reader even after that.
 *
 * @param fd - a non-blocking descriptor, which is closed in any case.
 * @throws what `chunks` throws.
 */
export async function writeToReader(
  fd: number,
  chunks: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): Promise<WrittenBytes> {
  const socket = new Socket({ fd, readable: false, writable: true });
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  // A failing write tells its callback; nobody listening to this event would end the process.
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

/** Whether the pipe took the whole chunk. A write to a FIFO fails only when its reader left or the socket was destroyed. */
function write(socket: Socket, chunk: Uint8Array): Promise<boolean> {
  return new Promise((resolve) => socket.write(chunk, (error) => resolve(!error)));
}
