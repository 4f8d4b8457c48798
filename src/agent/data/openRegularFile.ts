import { constants, fstatSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { MillraceError } from '../../base/errors.js';

/**
 * Opens a file for reading, and checks the opened file, because the path may have changed since it was checked. Opening
 * a FIFO would otherwise block a thread until a process writes to it.
 *
 * @throws MillraceError `ERR_AGENT` if it is not a regular file; else the system's error.
 */
export async function openRegularFile(path: string): Promise<FileHandle> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  // Synchronous: it never blocks, and even a caller that has given up sees the file closed at once.
  if (fstatSync(file.fd).isFile()) return file;
  await file.close();
  throw new MillraceError(`${path} is not a regular file: put a file there, and start the job again`, {
    code: 'ERR_AGENT',
  });
}
