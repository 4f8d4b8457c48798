/*
 * One part of a record, little endian:
 *
 *   offset  bytes  what
 *   0       4      magic, 0xced7230a
 *   4       4      cflag << 29 | length
 *   8       length payload
 *           0 to 3 padding to a multiple of 4
 *
 * cflag: 0 is a whole record; 1, 2 and 3 are the first, a middle and the last part of a record.
 *
 * https://github.com/dmlc/dmlc-core/blob/main/include/dmlc/recordio.h
 */
export const MAGIC = 0xced7230a;
/** V8 compares signed numbers without an allocation. */
export const SIGNED_MAGIC = MAGIC | 0;
/** The magic word, in the byte order of the input. */
export const MAGIC_BYTES = Uint8Array.of(0x0a, 0x23, 0xd7, 0xce);
export const PART_HEADER_BYTES = 8;
export const LENGTH_BITS = 29;
export const MAX_PART_BYTES = 2 ** LENGTH_BITS - 1;

export const WHOLE = 0;
export const FIRST = 1;
export const MIDDLE = 2;
export const LAST = 3;

const PART_NAMES = ['a whole record', 'a first part', 'a middle part', 'a last part'];

export function partName(cflag: number): string {
  return PART_NAMES[cflag] ?? `the unknown cflag ${cflag}`;
}

export function padded(length: number): number {
  return (length + 3) & ~3;
}
