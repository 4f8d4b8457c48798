import { closeSync } from 'node:fs';
import { Socket } from 'node:net';
import { ChannelError } from '../../base/errors.js';
import type { Outlet, Puller } from '../../demand/pullSource.js';
import { keepFreedMemory } from '../../base/keepFreedMemory.js';
import { raiseCollectionLimit } from '../../base/raiseCollectionLimit.js';
import { rememberOrigin } from '../../base/origins.js';
import { warn } from '../../base/warn.js';
import { SilenceTimer } from './silenceTimer.js';
import { silentFifo } from './silentFifo.js';

/** The capacity of a pipe in Linux. */
const READ_BYTES = 64 * 1024;
/** Small, because a record that is kept keeps its slab in memory. Slabs of up to 2 MiB take the same CPU time. */
const SLAB_BYTES = 512 * 1024;
const WARN_AFTER_MS = 60_000;
/**
 * The least time between two reads. Linux locks a pipe during a read or write, so a reader that does not wait disturbs
 * the writer that fills the pipe again. With 4 to 8 µs, a pipe transfers 1.5 times as much.
 */
const REFILL_MS = 0.006;

export interface OpenFifo {
  /** A descriptor that was opened without blocking. `readFifo` closes the descriptor. */
  readonly fd: number;
  readonly path: string;
  readonly idleTimeoutMs?: number | undefined;
}

/**
 * Reads without blocking a thread. Each chunk is a view on a slab, which is never overwritten, or on memory that the
 * decoder provides.
 */
export function readFifo({ fd, path, idleTimeoutMs }: OpenFifo, outlet: Outlet<Uint8Array>): Puller {
  keepFreedMemory();
  const slab = new Slab();
  let space: Uint8Array = new Uint8Array(0);
  let byteCount = 0;
  let socket: Socket | undefined;
  let isWanted = false;
  let isDelivering = false;

  const silentMs = idleTimeoutMs ?? WARN_AFTER_MS;
  const onSilence = (): void => {
    const message = silentFifo({ fd, path, silentMs, byteCount });
    if (idleTimeoutMs === undefined) warn('MILLRACE_SILENT_FIFO', message);
    else outlet.fail(new ChannelError(message, { code: 'ERR_CHANNEL_IDLE_TIMEOUT', path }));
  };
  const silence = new SilenceTimer(silentMs, onSilence, () => outlet.gate.consumerWait);

  const nextSpace = (): Uint8Array => (space = outlet.takeMemory?.(READ_BYTES) ?? slab.next());

  // Returns true to read the next chunk at once.
  const onRead = (length: number): boolean => {
    const readAt = performance.now();
    const chunk = new Uint8Array(space.buffer, space.byteOffset, length);
    rememberOrigin(chunk, path, byteCount);
    slab.use(space, length);
    byteCount += length;
    raiseCollectionLimit(length);
    silence.pause();
    isWanted = false;
    isDelivering = true;
    outlet.deliver(chunk);
    isDelivering = false;
    const isEarly = performance.now() - readAt < REFILL_MS;
    if (isEarly && isWanted && socket) resumeAfterRefill(socket, readAt);
    return isWanted && !isEarly;
  };

  const start = (): Socket => {
    const onread = { buffer: nextSpace, callback: onRead };
    // The type declares `onread` only for sockets that connect, but every socket accepts it.
    const options = { fd, readable: true, writable: false, onread };
    return new Socket(options)
      .on('end', () => {
        silence.stop();
        outlet.complete();
      })
      .on('error', (cause: NodeJS.ErrnoException) => {
        silence.stop();
        outlet.fail(readFailure(path, cause));
      });
  };

  return {
    pull: () => {
      isWanted = true;
      silence.listen();
      if (!socket) socket = start();
      else if (!isDelivering) socket.resume();
    },
    close: () => {
      silence.stop();
      if (socket) socket.destroy();
      else closeSync(fd);
    },
  };
}

function resumeAfterRefill(socket: Socket, readAt: number): void {
  setImmediate(() => {
    if (socket.destroyed) return;
    if (performance.now() - readAt < REFILL_MS) resumeAfterRefill(socket, readAt);
    else socket.resume();
  });
}

/** Memory for adjacent chunks. A full slab is replaced. */
class Slab {
  #bytes = new Uint8Array(0);
  #used = 0;

  next(): Uint8Array {
    if (this.#bytes.length - this.#used < READ_BYTES) {
      this.#bytes = Buffer.allocUnsafeSlow(SLAB_BYTES);
      this.#used = 0;
    }
    return this.#bytes.subarray(this.#used, this.#used + READ_BYTES);
  }

  use(part: Uint8Array, byteLength: number): void {
    if (part.buffer === this.#bytes.buffer) this.#used += byteLength;
  }
}

function readFailure(path: string, cause: NodeJS.ErrnoException): ChannelError {
  const message = `Reading the FIFO ${path} failed: ${cause.message}.`;
  return new ChannelError(message, { code: 'ERR_CHANNEL_IO', path, errno: cause.code, cause });
}
