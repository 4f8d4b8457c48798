import { parquetFault } from './parquetFault.js';

/** A position in bytes. */
export interface ByteCursor {
  readonly bytes: Uint8Array;
  at: number;
}

/** The fields of a struct by number: numbers, booleans and structs. Texts are left out. */
export interface ThriftFields {
  [id: number]: number | ThriftFields | undefined;
}

export function readByte(cursor: ByteCursor): number {
  const byte = cursor.bytes[cursor.at++];
  if (byte === undefined) throw parquetFault('the bytes end inside a page', 'truncated');
  return byte;
}

export function readVarint(cursor: ByteCursor): number {
  let value = 0;
  for (let scale = 1; scale <= 2 ** 63; scale *= 128) {
    const byte = readByte(cursor);
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return value;
  }
  throw parquetFault('found a number with more than 10 bytes');
}

/**
 * Reads a struct of Thrift's compact protocol.
 *
 * @see https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
 */
export function readFields(cursor: ByteCursor): ThriftFields {
  const fields: ThriftFields = {};
  for (let id = 0; ;) {
    const head = readByte(cursor);
    if ((head & 0x0f) === 0) return fields;
    id = head < 0x10 ? readInteger(cursor) : id + (head >> 4);
    fields[id] = readValue(cursor, head & 0x0f);
  }
}

function readValue(cursor: ByteCursor, type: number): ThriftFields[number] {
  if (type <= 2) return type === 1 ? 1 : 0;
  if (type === 3) return readByte(cursor);
  if (type <= 6) return readInteger(cursor);
  if (type === 8) {
    const length = readVarint(cursor);
    cursor.at += length;
    return undefined;
  }
  if (type === 12) return readFields(cursor);
  throw parquetFault(`found a page header with the unknown field type ${type}`);
}

function readInteger(cursor: ByteCursor): number {
  const zigzag = readVarint(cursor);
  return zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2;
}

/** Up to this width, a value and the rest of a byte fit in 31 bits. */
const MAX_BIT_WIDTH = 24;

/**
 * Decodes runs of equal values and runs of packed bits, until `values` is full.
 *
 * | run    | header, a varint    | content                                      |
 * | ------ | ------------------- | -------------------------------------------- |
 * | equal  | count × 2           | one value in as many bytes as its bits need  |
 * | packed | count ÷ 8 × 2 + 1   | values of `bitWidth` bits, lowest bits first |
 *
 * @see https://parquet.apache.org/docs/file-format/data-pages/encodings/
 */
export function readHybrid<A extends Uint8Array | Uint32Array>(bytes: Uint8Array, bitWidth: number, values: A): A {
  if (bitWidth === 0) return values;
  if (bitWidth > MAX_BIT_WIDTH)
    throw parquetFault(`found numbers of ${bitWidth} bits, and at most ${MAX_BIT_WIDTH} are supported`);
  const cursor = { bytes, at: 0 };
  for (let filled = 0; filled < values.length;) {
    const header = readVarint(cursor);
    const isPacked = header % 2 === 1;
    const count = Math.min(values.length - filled, isPacked ? (header - 1) * 4 : header / 2);
    const run = values.subarray(filled, filled + count);
    if (isPacked) unpack(cursor, bitWidth, run);
    else run.fill(readPacked(cursor, bitWidth));
    filled += count;
  }
  return values;
}

function readPacked(cursor: ByteCursor, bitWidth: number): number {
  let value = 0;
  for (let shift = 0; shift < bitWidth; shift += 8) value |= readByte(cursor) << shift;
  return value;
}

function unpack(cursor: ByteCursor, bitWidth: number, values: Uint8Array | Uint32Array): void {
  const mask = (1 << bitWidth) - 1;
  let bits = 0;
  let held = 0;
  for (let at = 0; at < values.length; at++) {
    for (; held < bitWidth; held += 8) bits |= readByte(cursor) << held;
    values[at] = bits & mask;
    bits >>>= bitWidth;
    held -= bitWidth;
  }
}
