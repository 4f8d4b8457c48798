import { requireBytes } from '../../base/requireBytes.js';
import { maskedCrc32c } from '../crc32c/crc32c.js';
import { FOOTER_BYTES, HEADER_BYTES, LENGTH_BYTES } from './tfRecordLayout.js';

/**
 * Frames one record as TFRecord with both checksums.
 *
 * @throws ConfigError if the payload is not a Uint8Array.
 */
export function encodeTFRecord(payload: Uint8Array): Uint8Array {
  requireBytes('encodeTFRecord', payload, { path: 'payload' });
  const frame = new Uint8Array(HEADER_BYTES + payload.length + FOOTER_BYTES);
  const view = new DataView(frame.buffer);
  const end = HEADER_BYTES + payload.length;
  view.setBigUint64(0, BigInt(payload.length), true);
  view.setUint32(LENGTH_BYTES, maskedCrc32c(view, 0, LENGTH_BYTES), true);
  frame.set(payload, HEADER_BYTES);
  view.setUint32(end, maskedCrc32c(view, HEADER_BYTES, end), true);
  return frame;
}
