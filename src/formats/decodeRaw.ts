import { z } from 'zod';
import { lazy } from '../base/lazy.js';
import { ConfigError, ValueError } from '../base/errors.js';
import { parseOptions, requireOptions } from '../base/parseOptions.js';
import { uncheckedArray, type NDArray, type RawDType } from '../arrays/ndarray.js';
import { requireBytes } from '../base/requireBytes.js';
import { showValue } from '../base/showValue.js';
import { requireLittleEndian } from './requireLittleEndian.js';
import {
  STORED_ARRAY_OF,
  STORED_DTYPES,
  storedDType,
  storedNumbers,
  type DecodedRawDType,
  type DecodeRawDType,
} from './storedNumbers.js';

/** Options of {@link decodeRaw}. */
export interface DecodeRawOptions {
  /** True for little-endian, false for big-endian. Default: true. */
  readonly littleEndian?: boolean | undefined;
}

const optionsSchema = lazy(() => z.strictObject({ littleEndian: z.boolean().default(true) }));

/**
 * Converts bytes to an array of numbers, like `tf.io.decode_raw`.
 *
 * ```ts
 * import { decodeRaw } from 'millrace/formats';
 *
 * decodeRaw(Uint8Array.of(0, 0, 128, 63), 'float32'); // an array of shape [1] with 1.0
 * ```
 *
 * The result has rank 1. Copies the bytes, which need no alignment. float16 and bfloat16 become float32 without loss.
 *
 * @throws ConfigError if an argument is invalid.
 * @throws ValueError if the number of bytes is not a multiple of the element size.
 * @see https://www.tensorflow.org/api_docs/python/tf/io/decode_raw
 */
export function decodeRaw<D extends DecodeRawDType>(
  bytes: Uint8Array,
  dtype: D,
  options?: DecodeRawOptions,
): NDArray<DecodedRawDType<D>>;
export function decodeRaw(bytes: Uint8Array, dtype: DecodeRawDType, options?: DecodeRawOptions): NDArray {
  requireLittleEndian();
  requireBytes('decodeRaw', bytes, { path: 'bytes' });
  const littleEndian = options === undefined || isLittleEndian(options);
  if (!Object.hasOwn(STORED_ARRAY_OF, dtype)) {
    const known = STORED_DTYPES.join(', ');
    throw new ConfigError(`decodeRaw: dtype: expected one of ${known}, found ${showValue(dtype)}`, { path: 'dtype' });
  }
  const itemBytes = STORED_ARRAY_OF[dtype].BYTES_PER_ELEMENT;
  if (bytes.length % itemBytes !== 0) {
    const message = `expected a multiple of ${itemBytes} bytes (${dtype}), found ${bytes.length}: check the dtype`;
    throw new ValueError(`decodeRaw: ${message}`, { path: '' });
  }
  const data = storedNumbers(dtype, new Uint8Array(bytes), littleEndian);
  return uncheckedArray<RawDType>(storedDType(dtype), [data.length], data);
}

function isLittleEndian(options: DecodeRawOptions): boolean {
  requireOptions('decodeRaw', options, '{ littleEndian: false }');
  return parseOptions('decodeRaw', optionsSchema(), options).littleEndian;
}
