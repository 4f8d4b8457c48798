/** The place of a record in a file or FIFO. */
export interface RecordOrigin {
  readonly path: string;
  /** The offset of its first byte in the decompressed file. */
  readonly byteOffset: number;
  /** Its line number, counted from 1, if it was read as a line. */
  readonly lineNumber: number | undefined;
}

/*
 *   A small copy that has its origin behind it, in its own memory:
 *
 *   n bytes   the record, which is all that the returned view shows
 *   float64   MARK
 *   float64   the number of the path
 *   float64   the byte offset of the record
 *   float64   its line number, 0 if it has none
 *
 *   An entry in a WeakMap would take about as long as the copy itself, mostly in garbage collection.
 */
const fields = new Float64Array(4);
const trailer = new Uint8Array(fields.buffer);

/** A larger record is not copied with a trailer: its memory must be of exactly its size to be moved to another thread. */
export const MAX_TRAILED_BYTES = 4096;

/** Random, so that data do not have it. Each thread has its own, because it has its own numbers of paths. */
const MARK = 1 + Math.random();

/** The path of each number. They are kept: one string for each file from which a record was copied. */
const paths: string[] = [];
const numbers = new Map<string, number>();

function numberOf(path: string): number {
  const known = numbers.get(path);
  if (known !== undefined) return known;
  numbers.set(path, paths.length);
  return paths.push(path) - 1;
}

/** Returns a copy of a record that carries its origin. Its memory is 32 bytes larger than the record. */
export function copyWithTrailer(record: Uint8Array, { path, byteOffset, lineNumber = 0 }: RecordOrigin): Uint8Array {
  const { length } = record;
  const memory = new ArrayBuffer(length + trailer.length);
  const whole = new Uint8Array(memory);
  whole.set(record);
  fields[0] = MARK;
  fields[1] = numberOf(path);
  fields[2] = byteOffset;
  fields[3] = lineNumber;
  whole.set(trailer, length);
  return new Uint8Array(memory, 0, length);
}

/** Returns the origin that a copy, or a part of one, carries. */
export function readTrailer({ buffer, byteOffset }: Uint8Array): RecordOrigin | undefined {
  const start = buffer.byteLength - trailer.length;
  if (start < byteOffset || start > MAX_TRAILED_BYTES) return undefined;
  trailer.set(new Uint8Array(buffer, start));
  const [mark, number = 0, recordOffset = 0, lineNumber = 0] = fields;
  const path = mark === MARK ? paths[number] : undefined;
  if (path === undefined) return undefined;
  return { path, byteOffset: recordOffset + byteOffset, lineNumber: lineNumber === 0 ? undefined : lineNumber };
}
