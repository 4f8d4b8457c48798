import type { FormatError } from '../../src/base/errors.js';
import { originOf } from '../../src/base/origins.js';

/**
 * Adds the file, and the line or byte offset, to an error if the file of the record is known.
 *
 * @param position - the text to append in brackets to the message. Not used if the record is a line. Default: no text.
 */
export function placeInFile(error: FormatError, record: unknown, position = ''): FormatError {
  const origin = originOf(record);
  if (!origin) return error;
  const { path, lineNumber, byteOffset } = origin;
  if (lineNumber !== undefined) return error.inFile(path, `${path}, line ${lineNumber}: ${error.reason}`, '');
  // A record at byte 0 is usually the whole file, because most formats begin with a header.
  if (byteOffset === 0) return error.inFile(path, `${path}: ${error.reason}`, position);
  return error.inFile(path, `${path}, record at byte ${byteOffset}: ${error.reason}`, position);
}
