import { ConfigError, ValueError } from '../base/errors.js';
import { markFresh } from './freshMemory.js';
import type { NDArray } from './ndarray.js';
import { requireNumbers } from './requireArray.js';
import { showValue } from '../base/showValue.js';

const REMEDY = "Parse int64 features with { as: 'int32' } or { as: 'float32' }.";

type NumberArray = NDArray<'float32' | 'float64' | 'int8' | 'uint8' | 'int16' | 'uint16' | 'int32' | 'uint32' | 'bool'>;

/**
 * Multiplies each element by `factor` and adds `offset`. `scale(image, 1 / 255)` converts pixels to numbers from 0 to
 * 1.
 *
 * @returns float32 of the same shape, in new memory.
 * @throws ConfigError if `factor` or `offset` is not a finite number.
 * @throws ValueError for int64, uint64 and bytes, because their elements are not JavaScript numbers.
 */
export function scale(array: NumberArray, factor: number, offset = 0): NDArray<'float32'> {
  for (const [path, value] of Object.entries({ factor, offset })) {
    if (Number.isFinite(value)) continue;
    throw new ConfigError(`scale: ${path}: expected a finite number, found ${showValue(value)}`, { path });
  }
  // TypeScript does not check types in declared pipelines.
  requireNumbers('scale', array, REMEDY);
  const { data, dtype, shape } = array;
  if (dtype === ('int64' as string) || dtype === ('uint64' as string)) {
    throw new ValueError(`scale: expected elements that are JavaScript numbers, found ${dtype}. ${REMEDY}`, {
      path: '',
    });
  }
  const scaled = new Float32Array(data.length);
  for (let i = 0; i < data.length; i++) scaled[i] = (data[i] as number) * factor + offset;
  markFresh(scaled);
  return { dtype: 'float32', shape, data: scaled };
}
