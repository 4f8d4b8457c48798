import { crc32cNative, unmasked } from '../crc32c/crc32c.js';
import { afterZeroBytes } from '../crc32c/crc32cFold.js';
import { FOOTER_BYTES, HEADER_BYTES, LENGTH_BYTES } from './tfRecordLayout.js';

const FRAME_BYTES = HEADER_BYTES + FOOTER_BYTES;

/** Whole records that follow one another in memory. */
export interface TFRecordRun {
  readonly end: number;
  /** Whether all their checksums are right. */
  readonly isSound: boolean;
}

/**
 * Verifies the checksums of all whole records between two places in memory with one call to the native library, which
 * costs more than the checksum of many a record: what the records' own checksums say that of all their bytes must be,
 * against what it is.
 *
 * One wrong record, or one wrong stretch of up to 32 bits, is always found. Two or more in one chunk escape where their errors
 * cancel each other in 32 bits: by chance once in 2^32, as a single one does to a CRC of its own, or by design.
 *
 * Where it is not, and where the library is missing, the records have to be looked at one by one. So is what follows a
 * length that no record can have: the run ends before it.
 */
export function verifyTFRecords(view: DataView, start: number, limit: number, maxRecordBytes: number): TFRecordRun {
  if (!crc32cNative) return { end: start, isSound: false };
  let end = start;
  let state = -1;
  let header: Header = { length: -1, ofLength: 0, contribution: 0 };
  for (;;) {
    const length = lengthAt(view, end, limit);
    const next = end + FRAME_BYTES + length;
    if (length < 0 || length > maxRecordBytes || next > limit) break;
    const ofLength = view.getInt32(end + LENGTH_BYTES, true);
    const ofData = view.getInt32(next - FOOTER_BYTES, true);
    if (length !== header.length || ofLength !== header.ofLength) header = headerOf(length, ofLength);
    // By what the state was before, and by what the record's own checksums say of it: the one need not wait for the other.
    state =
      afterZeroBytes(state, FRAME_BYTES + length) ^
      afterZeroBytes(header.contribution ^ ~unmasked(ofData) ^ ofData, FOOTER_BYTES);
    end = next;
  }
  const bytes = new Uint8Array(view.buffer, view.byteOffset + start, end - start);
  return { end, isSound: end > start && crc32cNative(bytes) === ~state >>> 0 };
}

/** What a record's length and its checksum come to at the end of its data. */
interface Header {
  readonly length: number;
  readonly ofLength: number;
  readonly contribution: number;
}

function headerOf(length: number, ofLength: number): Header {
  const afterLength = ~unmasked(ofLength) ^ afterZeroBytes(-1, LENGTH_BYTES);
  const afterHeader = afterZeroBytes(afterLength ^ ofLength, HEADER_BYTES - LENGTH_BYTES);
  return { length, ofLength, contribution: afterZeroBytes(~afterHeader, length) };
}

/** The length of the record at a place, or -1 where its header has not come or holds one beyond 31 bits. */
function lengthAt(view: DataView, at: number, limit: number): number {
  if (at + HEADER_BYTES > limit || view.getInt32(at + 4, true) !== 0) return -1;
  return view.getInt32(at, true);
}
