import { crc32c } from '../../src/formats/crc32c/crc32c.js';

/**
 * A record of the soak test, little endian:
 *
 * | bytes | field                                        |
 * |-------|----------------------------------------------|
 * | 4     | CRC-32C of the rest of the record            |
 * | 4     | number of the channel                        |
 * | 4     | epoch                                        |
 * | 4     | number of the record in the epoch, from 0    |
 * | any   | content                                      |
 */
export const HEADER_BYTES = 16;

export interface RecordIdentity {
  readonly channel: number;
  readonly epoch: number;
  readonly number: number;
}

export function encodeSoakRecord({ channel, epoch, number }: RecordIdentity, content: Uint8Array): Uint8Array {
  const record = new Uint8Array(HEADER_BYTES + content.length);
  const view = new DataView(record.buffer);
  record.set(content, HEADER_BYTES);
  view.setUint32(4, channel, true);
  view.setUint32(8, epoch, true);
  view.setUint32(12, number, true);
  view.setUint32(0, crc32c(record, 4), true);
  return record;
}

/** @throws Error if the checksum of the record is wrong. */
export function readSoakRecord(record: Uint8Array): RecordIdentity {
  if (record.length < HEADER_BYTES)
    throw new Error(`a record of ${record.length} bytes is shorter than its header of ${HEADER_BYTES} bytes`);
  const view = new DataView(record.buffer, record.byteOffset, record.length);
  const identity = {
    channel: view.getUint32(4, true),
    epoch: view.getUint32(8, true),
    number: view.getUint32(12, true),
  };
  const [expected, found] = [view.getUint32(0, true), crc32c(record, 4)];
  if (found === expected) return identity;
  throw new Error(
    `a record of ${record.length} bytes: expected the checksum ${expected}, found ${found}; its header is ${JSON.stringify(identity)}`,
  );
}
