import { crc32, inflateRawSync } from 'node:zlib';

/*
 * A member of gzip, https://www.rfc-editor.org/rfc/rfc1952
 *
 *   1f 8b 08, flags, 6 bytes    then fields by flags: 4 extra, 8 name, 10 comment, 2 checksum of the header
 *   deflated data
 *   crc32, length               of the decompressed data, 4 bytes each, little endian
 */
const FIXED_BYTES = 10;
const TRAILER_BYTES = 8;
const START = Buffer.from([0x1f, 0x8b, 0x08]);
const FLAGS = { headerCrc: 2, extra: 4, name: 8, comment: 16 } as const;

/** The maximum size of a member after decompression. Larger members are not found. */
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

/** The maximum number of candidates. Compressed data may contain the magic bytes by chance. */
const MAX_TRIALS = 8;

/**
 * Returns the byte offset at which the last complete member ends, or `undefined` if there is none. Call this only after
 * an error, because it is slow.
 */
export function endOfLastMember(bytes: Uint8Array): number | undefined {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  let start = buffer.lastIndexOf(START);
  for (let trial = 0; start >= 0 && trial < MAX_TRIALS; trial++) {
    const end = endOfMember(buffer, start);
    if (end !== undefined) return end;
    start = start === 0 ? -1 : buffer.lastIndexOf(START, start - 1);
  }
  return undefined;
}

function endOfMember(bytes: Buffer, start: number): number | undefined {
  try {
    const dataStart = endOfHeader(bytes, start);
    const options = { info: true, maxOutputLength: MAX_OUTPUT_BYTES };
    const { buffer, engine } = inflateRawSync(bytes.subarray(dataStart), options) as unknown as {
      readonly buffer: Buffer;
      readonly engine: { readonly bytesWritten: number };
    };
    const trailer = dataStart + engine.bytesWritten;
    const isSound = bytes.readUInt32LE(trailer) === crc32(buffer) && bytes.readUInt32LE(trailer + 4) === buffer.length;
    return isSound ? trailer + TRAILER_BYTES : undefined;
  } catch {
    // The member is truncated, damaged or too long.
    return undefined;
  }
}

function endOfHeader(bytes: Buffer, start: number): number {
  const flags = bytes.readUInt8(start + START.length);
  let at = start + FIXED_BYTES;
  if (flags & FLAGS.extra) at += 2 + bytes.readUInt16LE(at);
  for (const text of [FLAGS.name, FLAGS.comment]) {
    if (!(flags & text)) continue;
    const end = bytes.indexOf(0, at);
    if (end < 0) throw new RangeError('a text in the gzip header is not terminated');
    at = end + 1;
  }
  return flags & FLAGS.headerCrc ? at + 2 : at;
}
