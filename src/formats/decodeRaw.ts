import { ConfigError, ValueError } from '../base/errors.js';
import { uncheckedArray, type NDArray, TYPED_ARRAY_OF } from '../arrays/ndarray.js';
import { requireBytes } from '../base/requireBytes.js';
import { showValue } from '../base/showValue.js';
import type { RawDType } from '../arrays/ndarray.js';
import { requireLittleEndian } from './requireLittleEndian.js';

/** The dtypes of {@link decodeRaw}: `float16`, and all dtypes of an NDArray except `bytes`. */
export type DecodeRawDType = RawDType | 'float16';

/** The dtype of the result. `float16` becomes float32, because Node.js 20 has no typed array for it. */
export type DecodedRawDType<D extends DecodeRawDType> = D extends RawDType ? D : 'float32';

/** Options of {@link decodeRaw}. */
export interface DecodeRawOptions {
  /** True for little-endian, false for big-endian. Default: true. */
  readonly littleEndian?: boolean | undefined;
}

/**
 * Converts bytes to an array of numbers, like `tf.io.decode_raw`.
 *
 * ```ts
 * import { decodeRaw } from 'millrace/formats';
 *
 * decodeRaw(Uint8Array.of(0, 0, 128, 63), 'float32'); // an array of shape [1] with 1.0
 * ```
 *
 * The result has rank 1. The bytes are copied, and need no alignment. float16 becomes float32 without loss.
 *
 * @throws ConfigError if the dtype is unknown or `bytes` is not a Uint8Array.
 * @throws ValueError if the number of bytes is not a multiple of the element size.
 * @see https://www.tensorflow.org/api_docs/python/tf/io/decode_raw
 */
export function decodeRaw<D extends DecodeRawDType>(
  bytes: Uint8Array,
  dtype: D,
  options?: DecodeRawOptions,
): NDArray<DecodedRawDType<D>>;
export function decodeRaw(bytes: Uint8Array, dtype: DecodeRawDType, options: DecodeRawOptions = {}): NDArray {
  requireLittleEndian();
  requireBytes('decodeRaw', bytes, { path: 'bytes' });
  const { littleEndian = true } = options;
  const ArrayType = dtype === 'float16' ? Uint16Array : Object.hasOwn(TYPED_ARRAY_OF, dtype) && TYPED_ARRAY_OF[dtype];
  if (!ArrayType) {
    const known = [...Object.keys(TYPED_ARRAY_OF), 'float16'].join(', ');
    throw new ConfigError(`decodeRaw: dtype: expected one of ${known}, found ${showValue(dtype)}`, { path: 'dtype' });
  }
  const itemBytes = ArrayType.BYTES_PER_ELEMENT;
  if (bytes.length % itemBytes !== 0) {
    const message = `expected a multiple of ${itemBytes} bytes (${dtype}), found ${bytes.length}: check the dtype`;
    throw new ValueError(`decodeRaw: ${message}`, { path: '' });
  }
  const memory = new Uint8Array(bytes);
  if (!littleEndian) reverseItems(Buffer.from(memory.buffer), itemBytes);
  if (dtype === 'float16') {
    const halves = new Uint16Array(memory.buffer);
    return uncheckedArray('float32', [halves.length], Float32Array.from(halves, halfToNumber));
  }
  const data = new ArrayType(memory.buffer);
  return uncheckedArray<RawDType>(dtype, [data.length], data);
}

function reverseItems(memory: Buffer, itemBytes: number): void {
  if (itemBytes === 2) memory.swap16();
  if (itemBytes === 4) memory.swap32();
  if (itemBytes === 8) memory.swap64();
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
