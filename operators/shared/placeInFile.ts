import type { FormatError } from '../../src/base/errors.js';
import { originOf } from '../../src/base/origins.js';

/**
 * Adds the file of a record, and the line or the byte offset, to an error if the file is known.
 *
 * @param position - the text in brackets after the message if the record is not a line. Default: no text.
 */
export function placeInFile(error: FormatError, record: unknown, position = ''): FormatError {
  const origin = originOf(record);
  if (!origin) return error;
  const { path, lineNumber, byteOffset } = origin;
  if (lineNumber !== undefined) return error.inFile(path, `${path}, line ${lineNumber}: ${error.reason}`, '');
  return error.inFile(path, `${path}, record at byte ${byteOffset}: ${error.reason}`, position);
}
