import { constants, fstatSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { MillraceError } from '../../base/errors.js';

/**
 * Opens a regular file for reading. The opened file is checked, because the path may have changed since the first check.
 * A FIFO does not block a thread here.
 *
 * @throws MillraceError `ERR_AGENT` if it is not a regular file; the system's error if it cannot be opened.
 */
export async function openRegularFile(path: string): Promise<FileHandle> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  // Synchronous, because it never blocks and the file is then closed at once even if the caller has stopped waiting.
  if (fstatSync(file.fd).isFile()) return file;
  await file.close();
  throw new MillraceError(`${path} is not a regular file: put a file there, and start the job again`, {
    code: 'ERR_AGENT',
  });
}
