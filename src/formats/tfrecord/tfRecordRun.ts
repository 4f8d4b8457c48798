import { crc32cNative, unmasked } from '../crc32c/crc32c.js';
import { afterZeroBytes } from '../crc32c/crc32cFold.js';
import { FOOTER_BYTES, HEADER_BYTES, LENGTH_BYTES } from './tfRecordLayout.js';

const FRAME_BYTES = HEADER_BYTES + FOOTER_BYTES;

export interface TFRecordRun {
  readonly end: number;
  readonly isSound: boolean;
}

/**
 * Verifies a run: all complete records in a range of memory. Compares the combined stored CRCs with one CRC of the
 * whole run, because a native call for each small record would take longer.
 *
 * One wrong record, or one wrong range of up to 32 bits, is always detected. Several random errors remain undetected
 * with a probability of 2^-32, as in a single record.
 *
 * If a checksum is wrong or the native library is missing, `isSound` is false. Then verify each record. The run ends
 * before a record of impossible length.
 */
export function verifyTFRecords(view: DataView, start: number, limit: number, maxRecordBytes: number): TFRecordRun {
  const crc32c = crc32cNative();
  if (!crc32c) return { end: start, isSound: false };
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
    // The stored checksum replaces the computed one, so that both terms are independent.
    state =
      afterZeroBytes(state, FRAME_BYTES + length) ^
      afterZeroBytes(header.contribution ^ ~unmasked(ofData) ^ ofData, FOOTER_BYTES);
    end = next;
  }
  const bytes = new Uint8Array(view.buffer, view.byteOffset + start, end - start);
  return { end, isSound: end > start && crc32c(bytes) === ~state >>> 0 };
}

/** The effect of a record's header on the state after the record's data. */
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

function lengthAt(view: DataView, at: number, limit: number): number {
  if (at + HEADER_BYTES > limit || view.getInt32(at + 4, true) !== 0) return -1;
  return view.getInt32(at, true);
}
