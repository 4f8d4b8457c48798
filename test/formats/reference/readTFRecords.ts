import type { FormatErrorKind } from '../../../src/base/errors.js';
import type { ReferenceError, ReferenceOutcome } from './referenceOutcome.js';

export interface TFRecordRules {
  readonly maxRecordBytes: number;
  /** If true, skips a record with wrong data. */
  readonly skipsBadData: boolean;
}

/** Reads TFRecord from the whole input at once, without windows. Shares no code with the tested reader. */
export function readTFRecords(input: Uint8Array, { maxRecordBytes, skipsBadData }: TFRecordRules): ReferenceOutcome {
  const view = new DataView(input.buffer, input.byteOffset, input.byteLength);
  const records: Uint8Array[] = [];
  const skipped: (ReferenceError & { bytes: number })[] = [];
  let start = 0;
  const error = (kind: FormatErrorKind): ReferenceError => {
    return { kind, byteOffset: start, recordIndex: records.length + skipped.length };
  };
  const failed = (kind: FormatErrorKind): ReferenceOutcome => ({ records, skipped, ending: error(kind) });

  while (start < input.length) {
    if (start + 12 > input.length) return failed('truncated');
    const length = view.getBigUint64(start, true);
    if (view.getUint32(start + 8, true) !== maskedCrc(input.subarray(start, start + 8))) return failed('checksum');
    if (length > BigInt(maxRecordBytes)) return failed('tooLarge');
    const end = start + 12 + Number(length);
    if (end + 4 > input.length) return failed('truncated');
    const data = input.subarray(start + 12, end);
    if (view.getUint32(end, true) === maskedCrc(data)) records.push(data);
    else if (skipsBadData) skipped.push({ ...error('checksum'), bytes: data.length + 16 });
    else return failed('checksum');
    start = end + 4;
  }
  return { records, skipped, ending: 'end' };
}

const CRC_OF_BYTE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc % 2 === 0 ? 0 : 0x82f63b78);
  return crc;
});

/** Computes the masked CRC-32C byte by byte. */
export function maskedCrc(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (crc >>> 8) ^ CRC_OF_BYTE[(crc ^ byte) & 0xff]!;
  const whole = BigInt(~crc >>> 0);
  const rotated = ((whole >> 15n) | (whole << 17n)) & 0xffffffffn;
  return Number((rotated + 0xa282ead8n) & 0xffffffffn);
}
