import { uninitialized } from '../../arrays/ndarray.js';
import { INT64_LIST, type Values, type ValueType } from './values.js';
import { LENGTH_DELIMITED, VARINT, type WireReader } from './wireReader.js';

/**
 * message Int64List { repeated int64 value = 1 [packed = true]; }
 *
 * A list can consist of several packed runs and single numbers. Each reader of Protobuf must accept this.
 */
const packedTag = (field: number): number => (field << 3) | LENGTH_DELIMITED;
const singleTag = (field: number): number => (field << 3) | VARINT;

/** Reads each number as two halves of 32 bits, because bigint arithmetic is slow. */
export const int64Type: ValueType<'int64'> = {
  dtype: 'int64',
  listKind: INT64_LIST,
  count: (wire, end) => countInt64s(wire, end),
  allocate: (size) => new Int64Values(size),
};

export function countInt64s(wire: WireReader, end: number, field = 1): number {
  const [packed, single] = [packedTag(field), singleTag(field)];
  let count = 0;
  while (wire.position < end) {
    const tag = wire.tag(end);
    if (tag === packed) {
      count += countVarints(wire, wire.enter(end));
    } else {
      wire.skip(tag, end);
      if (tag === single) count++;
    }
  }
  return count;
}

function countVarints(wire: WireReader, end: number): number {
  const { bytes, position } = wire;
  let count = 0;
  for (let at = position; at < end; at++) if ((bytes[at] ?? 0) < 0x80) count++;
  if (end > position && (bytes[end - 1] ?? 0) >= 0x80) wire.fail('malformed', 'the last number of a list is truncated');
  wire.position = end;
  return count;
}

export class Int64Values implements Values<'int64'> {
  readonly data: BigInt64Array;
  /** The elements as 32-bit halves, lower half first. */
  readonly words: Int32Array;

  readonly #packed: number;
  readonly #single: number;

  constructor(size: number, field = 1) {
    this.data = uninitialized('int64', size);
    this.words = new Int32Array(this.data.buffer);
    this.#packed = packedTag(field);
    this.#single = singleTag(field);
  }

  read(wire: WireReader, end: number, at: number): number {
    const { words } = this;
    const [packed, single] = [this.#packed, this.#single];
    let word = 2 * at;
    while (wire.position < end) {
      const tag = wire.tag(end);
      if (tag !== packed && tag !== single) {
        wire.skip(tag, end);
        continue;
      }
      // A single number is read as a packed run of one number.
      const runEnd = tag === packed ? wire.enter(end) : wire.position + 1;
      while (wire.position < runEnd) {
        wire.varint(end);
        words[word++] = wire.low;
        words[word++] = wire.high;
      }
    }
    return word / 2;
  }
}
