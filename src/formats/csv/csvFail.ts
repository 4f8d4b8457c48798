import { FormatError } from '../../base/errors.js';
import { originOf } from '../../base/origins.js';
import { quote } from '../../base/showValue.js';
import { compressionOfText } from '../framing/lookOf.js';
import type { CsvFail } from './splitCsvLine.js';

const BYTE_ORDER_MARK = '\ufeff';

const HEADER_HINT =
  '; if this line is a header, skip the header of each file with recordFormat: decodeTextLine({ skipLines: 1 }), ' +
  'or with "skipLines": 1 in a declared channel';

/** Returns true for the first line of a file. If the file of the line is unknown, returns true for record 0. */
function isFirst(line: string | Uint8Array, recordIndex: number): boolean {
  return (originOf(line)?.lineNumber ?? recordIndex + 1) === 1;
}

function hasOnlyNames(line: string): boolean {
  const fields = line.split(/[,;|\t]/);
  return fields.every((field) => /^"?\p{L}[\p{L}\p{N}_ .-]{0,63}"?$/u.test(field.trim()));
}

export function failIn(line: string | Uint8Array, recordIndex: number, labelOf: (column: number) => string): CsvFail {
  return (message, column, at) => {
    const text = typeof line === 'string' ? line : Buffer.from(line).toString('utf8');
    const byteOffset = typeof line === 'string' ? Buffer.byteLength(line.slice(0, at)) : at;
    const subject = column === undefined ? '' : `${labelOf(column)}: `;
    const mark = text.startsWith(BYTE_ORDER_MARK)
      ? '; the line begins with a byte order mark (U+FEFF): save the file without this mark'
      : '';
    const shown = text === '' ? '' : `; the line is ${quote(text)}`;
    const compression = typeof line === 'string' ? undefined : compressionOfText(line);
    const header = isFirst(line, recordIndex) && hasOnlyNames(text) ? HEADER_HINT : '';
    const hint = compression ? `; the line looks like ${compression.name}: ${compression.remedy}` : mark || header;
    throw new FormatError(`${subject}${message}${shown}${hint}`, {
      kind: 'malformed',
      format: 'CSV',
      byteOffset,
      recordIndex,
    });
  };
}
