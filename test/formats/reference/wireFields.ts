import assert from 'node:assert/strict';
import { BinaryReader } from '@bufbuild/protobuf/wire';

/** A field of a protobuf message: the bits of a number, bytes, or nothing for a group. */
export interface WireField {
  readonly number: number;
  readonly wireType: number;
  readonly value: bigint | Uint8Array | undefined;
}

export class NoMessage extends Error {}

const MAX_GROUP_DEPTH = 100;

/**
 * Returns the fields of a message, read with a generic protobuf library. The library gets only this message, so it
 * cannot read past the end.
 */
export function wireFields(message: Uint8Array): WireField[] {
  const reader = new BinaryReader(message);
  const fields: WireField[] = [];
  try {
    while (reader.pos < reader.len) fields.push(readField({ reader, message, depth: 0 }));
  } catch (cause) {
    // The library throws an Error or, past the end, a RangeError.
    assert.ok(cause instanceof Error);
    throw new NoMessage(cause.message, { cause });
  }
  return fields;
}

interface Place {
  readonly reader: BinaryReader;
  readonly message: Uint8Array;
  /** The number of enclosing groups. */
  readonly depth: number;
}

function readField(place: Place): WireField {
  const { reader } = place;
  const tag = BigInt(reader.uint64());
  const wireType = Number(tag & 7n);
  const number = Number(tag >> 3n);
  if (tag >= 2n ** 32n || number === 0) throw new Error(`tag ${tag}`);
  return { number, wireType, value: readValue(place, number, wireType) };
}

function readValue(place: Place, number: number, wireType: number): bigint | Uint8Array | undefined {
  const { reader, depth } = place;
  switch (wireType) {
    case 0:
      return BigInt(reader.uint64());
    case 1:
      return readBytes(place, 8);
    case 2:
      return readBytes(place, Number(BigInt(reader.uint64())));
    case 5:
      return readBytes(place, 4);
    case 3:
      if (depth >= MAX_GROUP_DEPTH) throw new Error('too deep');
      readGroup(place, number);
      return undefined;
    default:
      throw new Error(`wire type ${wireType}`);
  }
}

function readBytes({ reader, message }: Place, length: number): Uint8Array {
  const start = reader.pos;
  if (start + length > message.length) throw new Error(`${length} bytes, of which the message has fewer`);
  reader.pos += length;
  return message.subarray(start, reader.pos);
}

function readGroup({ reader, message, depth }: Place, groupNumber: number): void {
  for (;;) {
    const start = reader.pos;
    const tag = BigInt(reader.uint64());
    if (tag === BigInt(groupNumber * 8 + 4)) return;
    reader.pos = start;
    readField({ reader, message, depth: depth + 1 });
  }
}

/** Returns the bytes of a length-delimited field. */
export function delimited({ wireType, value }: WireField): Uint8Array | undefined {
  return wireType === 2 ? (value as Uint8Array) : undefined;
}

/** Returns the length-delimited fields with this number, in order. */
export function messagesIn(message: Uint8Array, number: number): Uint8Array[] {
  return wireFields(message).flatMap((field) => (field.number === number ? (delimited(field) ?? []) : []));
}
