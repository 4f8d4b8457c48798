import { accessSync, closeSync, constants, fstatSync, openSync, statSync, type Stats } from 'node:fs';
import { ChannelError } from '../../base/errors.js';

/**
 * Opens a FIFO without waiting for a writer. A wait would block a thread of libuv's pool, and could not be cancelled.
 *
 * @returns the descriptor, or `undefined` if the path does not exist.
 * @throws ChannelError if the path is not a FIFO, or cannot be read.
 */
export function openFifo(path: string): number | undefined {
  const fd = attempt(path, () => openSync(path, constants.O_RDONLY | constants.O_NONBLOCK));
  if (fd === undefined) return undefined;
  try {
    checkIsFifo(path, fstatSync(fd));
    return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/**
 * Returns false if the path does not exist. Does not open the FIFO, because its writer would start to write.
 *
 * @throws ChannelError like {@link openFifo}.
 */
export function isFifoThere(path: string): boolean {
  const isThere = attempt(path, () => {
    checkIsFifo(path, statSync(path));
    accessSync(path, constants.R_OK);
    return true;
  });
  return isThere ?? false;
}

function checkIsFifo(path: string, stats: Stats): void {
  if (stats.isFIFO()) return;
  const kind = stats.isFile() ? 'a regular file' : 'a device or a socket';
  const found = stats.isDirectory() ? 'a folder' : kind;
  const remedy = stats.isFile() ? 'Read it with fromFile.' : 'Create the FIFO with mkfifo, or correct the path.';
  throw new ChannelError(`${path}: expected a FIFO, found ${found}. ${remedy}`, { code: 'ERR_CHANNEL_IO', path });
}

function attempt<T>(path: string, work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof ChannelError) throw error;
    const { code: errno, message } = error as NodeJS.ErrnoException;
    if (errno === 'ENOENT') return undefined;
    throw new ChannelError(
      `Cannot open the FIFO ${path}: ${message}. Check the permissions of the FIFO and of its folders.`,
      {
        code: 'ERR_CHANNEL_IO',
        path,
        errno,
        cause: error,
      },
    );
  }
}
