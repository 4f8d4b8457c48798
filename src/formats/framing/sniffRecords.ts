import { maskedCrc32cOfEightBytes } from '../crc32c/crc32c.js';
import { MAGIC } from '../recordio/recordIOLayout.js';
import { HEADER_BYTES, LENGTH_BYTES } from '../tfrecord/tfRecordLayout.js';

export function sniffRecords(head: Uint8Array): 'RecordIO' | 'TFRecord' | undefined {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  if (head.length >= 4 && view.getUint32(0, true) === MAGIC) return 'RecordIO';
  return sniffTFRecord(head) ? 'TFRecord' : undefined;
}

/** Returns true if the data begins with a TFRecord header with a correct checksum. */
export function sniffTFRecord(head: Uint8Array): boolean {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  return head.length >= HEADER_BYTES && maskedCrc32cOfEightBytes(view, 0) === view.getInt32(LENGTH_BYTES, true);
}
