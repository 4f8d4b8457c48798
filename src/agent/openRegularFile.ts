import { constants, fstatSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { MillraceError } from '../core/errors.js';

/**
 * Opens a file for reading, and looks at what was opened: the path may lead elsewhere than when it was checked. A FIFO
 * that took its place would otherwise hold a thread until somebody writes to it.
 *
 * @throws MillraceError `ERR_AGENT` for what is no regular file; else what the system says.
 */
export async function openRegularFile(path: string): Promise<FileHandle> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  // This never blocks, and a caller that is gone already sees the file closed at once.
  if (fstatSync(file.fd).isFile()) return file;
  await file.close();
  throw new MillraceError(`${path} is not a regular file: put a file there, and start the job again`, {
    code: 'ERR_AGENT',
  });
}
