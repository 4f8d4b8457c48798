import { TYPED_ARRAY_OF, type DataOf, type RawDType } from '../arrays/ndarray.js';

/** The dtypes of {@link decodeRaw}: `float16`, `bfloat16`, and all dtypes of an NDArray except `bytes`. */
export type DecodeRawDType = RawDType | 'float16' | 'bfloat16';

/**
 * The dtype of the result. `float16` and `bfloat16` become float32, because Node.js 20 has no typed arrays for them.
 */
export type DecodedRawDType<D extends DecodeRawDType> = D extends RawDType ? D : 'float32';

/** The typed array for the stored bytes of each dtype. */
export const STORED_ARRAY_OF = { ...TYPED_ARRAY_OF, float16: Uint16Array, bfloat16: Uint16Array } as const;

export const STORED_DTYPES = Object.keys(STORED_ARRAY_OF) as [DecodeRawDType, ...DecodeRawDType[]];

export function storedDType(dtype: DecodeRawDType): RawDType {
  return dtype === 'float16' || dtype === 'bfloat16' ? 'float32' : dtype;
}

/**
 * Returns stored bytes as numbers. The memory is reused or overwritten.
 *
 * @param memory - a view on all bytes of an ArrayBuffer.
 */
export function storedNumbers(dtype: DecodeRawDType, memory: Uint8Array, littleEndian = true): DataOf[RawDType] {
  const { BYTES_PER_ELEMENT } = STORED_ARRAY_OF[dtype];
  if (!littleEndian) reverseItems(Buffer.from(memory.buffer), BYTES_PER_ELEMENT);
  if (dtype === 'float16') return float16Numbers(new Uint16Array(memory.buffer));
  if (dtype === 'bfloat16') return bfloat16Numbers(new Uint16Array(memory.buffer));
  return new TYPED_ARRAY_OF[dtype](memory.buffer as ArrayBuffer);
}

function reverseItems(memory: Buffer, itemBytes: number): void {
  if (itemBytes === 2) memory.swap16();
  if (itemBytes === 4) memory.swap32();
  if (itemBytes === 8) memory.swap64();
}

/** The numbers of all float16 values, computed at the first use. A look-up is faster than the arithmetic. */
let table: Float32Array | undefined;

function float16Numbers(halves: Uint16Array): Float32Array {
  table ??= Float32Array.from({ length: 2 ** 16 }, (_, half) => halfToNumber(half));
  const numbers = new Float32Array(halves.length);
  for (let at = 0; at < halves.length; at++) numbers[at] = table[halves[at] ?? 0] ?? 0;
  return numbers;
}

/** Converts IEEE 754 binary16: 1 sign bit, 5 exponent bits, 10 fraction bits. */
function halfToNumber(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}

/** A bfloat16 is the upper half of a float32. */
function bfloat16Numbers(halves: Uint16Array): Float32Array {
  const words = new Uint32Array(halves.length);
  for (let at = 0; at < halves.length; at++) words[at] = (halves[at] ?? 0) << 16;
  return new Float32Array(words.buffer);
}
