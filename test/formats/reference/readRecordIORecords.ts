import type { FormatErrorKind } from '../../../src/base/errors.js';
import type { RecordIOMultipart } from '../../../src/formats/recordio/recordIOOptions.js';
import type { ReferenceError, ReferenceOutcome } from './referenceOutcome.js';

const MAGIC = 0xced7230a;

export interface RecordIORules {
  readonly multipart: RecordIOMultipart;
  readonly maxRecordBytes: number;
  /** If true, continues after a loss of framing. */
  readonly resync: boolean;
}

interface Part {
  readonly cflag: number;
  readonly length: number;
}

/** Reads RecordIO from the whole input at once. Shares no code with the tested reader. */
export function readRecordIORecords(input: Uint8Array, rules: RecordIORules): ReferenceOutcome {
  const { multipart, maxRecordBytes, resync } = rules;
  const view = new DataView(input.buffer, input.byteOffset, input.byteLength);
  const records: Uint8Array[] = [];
  const skipped: (ReferenceError & { bytes: number })[] = [];
  let at = 0;

  const partAt = (offset: number): Part => {
    const word = view.getUint32(offset + 4, true);
    return { cflag: word >>> 29, length: word % 2 ** 29 };
  };
  const beginsRecord = (offset: number): boolean => {
    if (view.getUint32(offset, true) !== MAGIC) return false;
    const { cflag, length } = partAt(offset);
    return cflag <= 1 && length <= maxRecordBytes;
  };

  /** Reads the record at `at`, and moves to its end. After an error, `at` is the start of the faulty part. */
  const readRecord = (): Uint8Array | FormatErrorKind => {
    const pieces: Uint8Array[] = [];
    let length = 0;
    for (let isFirst = true; ; isFirst = false) {
      if (at + 8 > input.length) return 'truncated';
      if (view.getUint32(at, true) !== MAGIC) return 'malformed';
      const part = partAt(at);
      if (!(isFirst ? [0, 1] : [2, 3]).includes(part.cflag)) return 'malformed';
      if (length + part.length > maxRecordBytes) return 'tooLarge';
      const end = at + 8 + part.length + ((4 - (part.length % 4)) % 4);
      if (end > input.length) return 'truncated';
      pieces.push(input.subarray(at + 8, at + 8 + part.length));
      at = end;
      if (part.cflag === 0 || part.cflag === 3) return new Uint8Array(Buffer.concat(pieces));
      if (multipart === 'dmlc') pieces.push(Uint8Array.of(0x0a, 0x23, 0xd7, 0xce));
      length = pieces.reduce((sum, piece) => sum + piece.length, 0);
    }
  };

  while (at < input.length) {
    const start = at;
    const read = readRecord();
    if (typeof read !== 'string') {
      records.push(read);
      continue;
    }
    const error = { kind: read, byteOffset: start, recordIndex: records.length + skipped.length };
    if (read !== 'truncated' && resync) while (at + 8 <= input.length && !beginsRecord(at)) at++;
    if (read === 'truncated' || !resync || at + 8 > input.length) return { records, skipped, ending: error };
    skipped.push({ ...error, bytes: at - start });
  }
  return { records, skipped, ending: 'end' };
}
