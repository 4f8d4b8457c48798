import { constants, fstatSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { MillraceError } from '../../base/errors.js';

/**
 * Opens a file. Does not block a thread if the path is a FIFO.
 *
 * @throws MillraceError `ERR_AGENT` if the file is not regular.
 * @throws the system's error if the file cannot be opened.
 */
export async function openRegularFile(path: string): Promise<FileHandle> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  // `fstat` never blocks.
  if (fstatSync(file.fd).isFile()) return file;
  await file.close();
  throw new MillraceError(`${path} is not a regular file: put a file there, and start the job again`, {
    code: 'ERR_AGENT',
  });
}
