import type { FormatError } from '../../src/base/errors.js';
import { originOf } from '../../src/base/origins.js';

/**
 * Returns an error that names the file of a record, and the line or the byte offset. Returns the given error if the
 * file is unknown.
 *
 * @param position - the end of the message if the record is not a line. See `FormatErrorOptions`.
 */
export function placeInFile(error: FormatError, record: unknown, position = ''): FormatError {
  const origin = originOf(record);
  if (!origin) return error;
  const { path, lineNumber, byteOffset } = origin;
  if (lineNumber !== undefined) return error.inFile(path, `${path}, line ${lineNumber}: ${error.reason}`, '');
  return error.inFile(path, `${path}, record at byte ${byteOffset}: ${error.reason}`, position);
}
