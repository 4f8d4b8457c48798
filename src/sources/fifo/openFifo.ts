import { accessSync, closeSync, constants, fstatSync, openSync, statSync, type Stats } from 'node:fs';
import { ChannelError } from '../../base/errors.js';

/**
 * Opens a FIFO for reading without waiting for its writer: a blocking open would hold a thread of libuv's pool until
 * one comes, and could not be cancelled.
 *
 * @returns its descriptor, or `undefined` when there is nothing at that path (yet).
 * @throws ChannelError when it is no FIFO, or cannot be read.
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
 * Whether a FIFO that can be opened is there, without opening it: its writer would take that for its reader.
 *
 * @throws ChannelError as {@link openFifo} does.
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
  const found = stats.isDirectory() ? 'a folder' : stats.isFile() ? 'a regular file' : 'not a FIFO';
  const remedy = stats.isFile() ? 'Read it with fromFile.' : 'Make the FIFO with mkfifo, or correct the path.';
  throw new ChannelError(`${path} is ${found}, where a FIFO is expected. ${remedy}`, { code: 'ERR_CHANNEL_IO', path });
}

function attempt<T>(path: string, work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof ChannelError) throw error;
    const { code: errno, message } = error as NodeJS.ErrnoException;
    if (errno === 'ENOENT') return undefined;
    throw new ChannelError(`Cannot open the FIFO ${path}: ${message}. Check who owns it and the folders above it.`, {
      code: 'ERR_CHANNEL_IO',
      path,
      errno,
      cause: error,
    });
  }
}
