import type { FormatErrorKind } from '../../../src/base/errors.js';
import type { CarriageReturns } from '../../../src/formats/text/textLineOptions.js';
import type { ReferenceOutcome } from './referenceOutcome.js';

export interface TextLineRules {
  readonly isText: boolean;
  readonly carriageReturns: CarriageReturns;
  readonly maxRecordBytes: number;
}

/**
 * Reads lines from the whole input at once. Each byte is one character, so JavaScript's string operations are enough.
 */
export function readTextLines(input: Uint8Array, rules: TextLineRules): ReferenceOutcome<Uint8Array | string> {
  const { isText, carriageReturns, maxRecordBytes } = rules;
  const lines = Buffer.from(input).toString('latin1').split('\n');
  // Text after the last newline is a line unless it is empty.
  const count = lines.at(-1) === '' ? lines.length - 1 : lines.length;
  const records: (Uint8Array | string)[] = [];
  let byteOffset = 0;
  for (const [index, line] of lines.slice(0, count).entries()) {
    const failed = (kind: FormatErrorKind) => {
      return { records, skipped: [], ending: { kind, byteOffset, recordIndex: records.length } };
    };
    if (line.length > maxRecordBytes) return failed('tooLarge');
    const hasNewline = index < lines.length - 1;
    let kept = line;
    if (carriageReturns === 'all') kept = line.replaceAll('\r', '');
    else if (carriageReturns === 'beforeNewline' && hasNewline) kept = line.replace(/\r$/, '');
    const bytes = new Uint8Array(Buffer.from(kept, 'latin1'));
    if (!isText) records.push(bytes);
    else {
      try {
        records.push(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
      } catch {
        return failed('malformed');
      }
    }
    byteOffset += line.length + 1;
  }
  return { records, skipped: [], ending: 'end' };
}
