import { createServer } from 'node:net';

/** Options of {@link tryLock}. */
export interface LockOptions<T> {
  /** At most 100 characters. Unique within the network namespace. */
  readonly name: string;
  /** Called synchronously while this process has the lock. */
  readonly work: () => T;
  /** Called later if the system does not allow locks at all. */
  readonly onError: (error: NodeJS.ErrnoException) => void;
}

/**
 * Calls `work` while this process has the lock with this name.
 *
 * The lock is a listening socket in Linux's abstract namespace. The kernel allows one process at a time to bind the name,
 * and releases it when that process ends. So there are no stale locks and no files to remove. Binding is synchronous, so
 * everything happens in one turn of the event loop.
 *
 * @returns the result of `work`; `undefined` if another process has the lock. Try again later.
 * @see https://man7.org/linux/man-pages/man7/unix.7.html, "Abstract sockets"
 */
export function tryLock<T>({ name, work, onError }: LockOptions<T>): T | undefined {
  const lock = createServer();
  // If the name is taken, Node emits the error on the next tick. `listening` is already false before that.
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
