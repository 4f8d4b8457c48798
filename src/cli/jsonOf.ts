import { isNDArray } from '../arrays/ndarray.js';

/**
 * Converts int64 to decimal strings, bytes to base64, and non-finite floats to `"nan"`, `"inf"` and `"-inf"`. A
 * feature's `default` and `defaultBase64` accept these forms.
 */
export function jsonOf(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'number') return Number.isFinite(value) ? value : nameOf(value);
  if (isNDArray(value)) {
    return { dtype: value.dtype, shape: value.shape, data: Array.from<unknown>(value.data).map(jsonOf) };
  }
  if (ArrayBuffer.isView(value)) return Array.from(value as Float64Array).map(jsonOf);
  if (Array.isArray(value)) return value.map(jsonOf);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, jsonOf(part)]));
}

function nameOf(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  return value > 0 ? 'inf' : '-inf';
}
