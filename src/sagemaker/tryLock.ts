import { createServer } from 'node:net';

export interface LockOptions<T> {
  readonly name: string;
  readonly work: () => T;
  readonly onError: (error: NodeJS.ErrnoException) => void;
}

/**
 * Calls `work` under a lock between processes: a listening socket in Linux's abstract namespace. The kernel lets only
 * one process bind a name, and releases the name when the process ends, so there are no stale locks. Binding is
 * synchronous, so the lock, the work and the release happen in one turn of the event loop.
 *
 * `name` must have at most 100 characters, and be unique in the network namespace.
 *
 * @returns the result of `work`, or `undefined` if another process has the lock.
 * @see https://man7.org/linux/man-pages/man7/unix.7.html, "Abstract sockets"
 */
export function tryLock<T>({ name, work, onError }: LockOptions<T>): T | undefined {
  const lock = createServer();
  // If another process has the name, `listening` is false before the error is emitted on the next tick.
  lock.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EADDRINUSE') onError(error);
  });
  try {
    lock.listen({ path: `\0${name}`, exclusive: true });
    return lock.listening ? work() : undefined;
  } finally {
    lock.close();
  }
}
