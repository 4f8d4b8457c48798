import type { DecodedArray } from 'hyparquet';
import { showValue } from '../../base/showValue.js';
import { TYPED_ARRAY_OF, uninitialized, type DataOf, type DType } from '../../arrays/ndarray.js';
import type { ValuePart } from './decodeColumn.js';
import { parquetFault } from './parquetFault.js';

/** Joins the values of all pages, as elements of the dtype. */
export function joinValues(parts: readonly ValuePart[], dtype: DType): DataOf[DType] {
  const length = parts.reduce((sum, { values, indices }) => sum + (indices ?? values).length, 0);
  const joined: DataOf[DType] = dtype === 'bytes' ? new Array<Uint8Array>(length) : uninitialized(dtype, length);
  const converted = new Map<DecodedArray, DataOf[DType]>();
  let at = 0;
  for (const { values, indices } of parts) {
    const elements = converted.get(values) ?? convertValues(values, dtype);
    if (indices) converted.set(values, elements);
    moveElements(joined, elements, { at, indices });
    at += (indices ?? values).length;
  }
  return joined;
}

interface Moves {
  /** The index of the first copied element. Default: 0. */
  readonly at?: number;
  /** The index of each copied element, instead of consecutive indices from `at`. */
  readonly positions?: Uint32Array;
  /** The indices of the elements to copy. Default: all. */
  readonly indices?: Uint32Array | undefined;
}

/** Copies elements between arrays of the same dtype. */
export function moveElements(into: DataOf[DType], from: DataOf[DType], moves: Moves): void {
  const { at = 0, positions, indices } = moves;
  if (Array.isArray(into) || Array.isArray(from)) move(into as unknown[], from as unknown[], 1, moves);
  else if (!positions && !indices) (into as Uint8Array).set(from as Uint8Array, at);
  else if (into.BYTES_PER_ELEMENT < 4) move(into as Uint8Array, from as Uint8Array, 1, moves);
  // Reading a bigint would allocate it.
  else move(wordsOf(into), wordsOf(from), into.BYTES_PER_ELEMENT / 4, moves);
}

function wordsOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint32Array {
  return new Uint32Array(buffer, byteOffset, byteLength / 4);
}

type Movable = unknown[] | Uint8Array | Uint32Array;

function move(into: Movable, from: Movable, words: number, { at = 0, positions, indices }: Moves): void {
  const count = (positions ?? indices ?? from).length;
  for (let i = 0; i < count; i++) {
    const target = (positions ? (positions[i] as number) : at + i) * words;
    const source = (indices ? (indices[i] as number) : i) * words;
    into[target] = from[source];
    if (words === 2) into[target + 1] = from[source + 1];
  }
}

/**
 * Integers and booleans must be exact. Floating-point numbers are rounded to the nearest number of the dtype.
 *
 * @throws FormatError if the dtype cannot represent a value.
 */
export function convertValues(values: DecodedArray, dtype: DType): DataOf[DType] {
  if (dtype === 'bytes') return values as Uint8Array[];
  if (values.constructor === TYPED_ARRAY_OF[dtype]) return values as DataOf[typeof dtype];
  const converted = uninitialized(dtype, values.length) as unknown as (number | bigint)[];
  const isBigint = dtype === 'int64' || dtype === 'uint64';
  const isExact = !dtype.startsWith('float');
  for (let at = 0; at < values.length; at++) {
    const value = values[at] as number | bigint;
    const element = isBigint ? bigintOf(value) : Number(value);
    converted[at] = element;
    const isFit = !isExact || (converted[at] === element && !(dtype === 'bool' && element > 1));
    if (!isFit) throw parquetFault(`expected values of ${dtype}, found ${showValue(value)}`);
  }
  return converted as unknown as DataOf[typeof dtype];
}

function bigintOf(value: number | bigint): bigint {
  if (typeof value !== 'number' || Number.isInteger(value)) return BigInt(value);
  throw parquetFault(`expected an integer, found ${value}`);
}
