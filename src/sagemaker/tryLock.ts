import { createServer } from 'node:net';

/** Options of {@link tryLock}. */
export interface LockOptions<T> {
  /** The name of the lock, at most 100 characters. It must be unique in the network namespace. */
  readonly name: string;
  /** Called synchronously while this process has the lock. */
  readonly work: () => T;
  /** Called later, if the system does not support such locks at all. */
  readonly onError: (error: NodeJS.ErrnoException) => void;
}

/**
 * Calls `work` while this process has the lock with this name.
 *
 * The lock is a listening socket in Linux's abstract namespace. The kernel allows only one process at a time to bind
 * the name, and releases the name when that process ends. So there are no stale locks and no files to remove. Binding
 * is synchronous, so the lock, the work and the release happen in one turn of the event loop.
 *
 * @returns the result of `work`, or `undefined` if another process has the lock. In that case, try again later.
 * @see https://man7.org/linux/man-pages/man7/unix.7.html, "Abstract sockets"
 */
export function tryLock<T>({ name, work, onError }: LockOptions<T>): T | undefined {
  const lock = createServer();
  // If the name is taken, Node emits the error on the next tick, but `listening` is already false before that.
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
