import { BYTES_LIST, type Values, type ValueType } from './values.js';
import { LENGTH_DELIMITED, type WireReader } from './wireReader.js';

/** `message BytesList { repeated bytes value = 1; }` */
export const BYTES_VALUE = (1 << 3) | LENGTH_DELIMITED;

export const bytesType: ValueType<'bytes'> = {
  dtype: 'bytes',
  listKind: BYTES_LIST,
  count: countBytesValues,
  allocate: (size) => new BytesValues(size),
};

export function countBytesValues(wire: WireReader, end: number): number {
  let count = 0;
  while (wire.position < end) {
    const tag = wire.tag(end);
    wire.skip(tag, end);
    if (tag === BYTES_VALUE) count++;
  }
  return count;
}

/**
 * Moves to the only value of a list. Returns its end.
 *
 * @throws FormatError if the list does not have exactly one value.
 */
export function enterOnlyValue(wire: WireReader, end: number): number {
  const start = wire.position;
  if (start < end && wire.tag(end) === BYTES_VALUE && wire.enter(end) === end) return end;
  wire.position = start;
  const count = countBytesValues(wire, end);
  if (count !== 1) wire.fail('malformed', `expected one bytes value, found ${count}`, start);
  wire.position = start;
  for (let tag = wire.tag(end); tag !== BYTES_VALUE; tag = wire.tag(end)) wire.skip(tag, end);
  return wire.enter(end);
}

class BytesValues implements Values<'bytes'> {
  readonly data: Uint8Array[];

  constructor(size: number) {
    this.data = new Array<Uint8Array>(size);
  }

  read(wire: WireReader, end: number, at: number): void {
    let index = at;
    while (wire.position < end) {
      const tag = wire.tag(end);
      if (tag === BYTES_VALUE) this.data[index++] = wire.take(wire.enter(end));
      else wire.skip(tag, end);
    }
  }
}
