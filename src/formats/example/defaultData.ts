import { ConfigError } from '../../base/errors.js';
import { allocate, type DataOf } from '../../arrays/ndarray.js';
import { showValue } from '../../base/showValue.js';
import type { DefaultValue } from './features.js';
import { copyElements } from '../../arrays/copyElements.js';
import { NARROW_RANGES } from '../protobuf/narrowValues.js';

const NOT_FINITE: ReadonlyMap<unknown, number> = new Map([
  ['nan', NaN],
  ['inf', Infinity],
  ['-inf', -Infinity],
]);

const EXPECTED = {
  int64: 'a 64-bit integer as a number, a decimal string or a bigint',
  int32: 'a 32-bit integer',
  float32: 'a number, or "nan", "inf" or "-inf"',
  bytes: 'a Uint8Array',
} as const;

export type DefaultDType = keyof typeof EXPECTED;

export interface DefaultRequest {
  readonly dtype: DefaultDType;
  /** True if the records contain int64 values. `dtype` is the dtype after the conversion with `as`. */
  readonly integer: boolean;
  readonly size: number;
  readonly path: string;
}

/**
 * A single value is repeated for all elements.
 *
 * @throws ConfigError if the number of values is wrong, or if a value does not fit the dtype.
 */
export function defaultData(
  value: DefaultValue | readonly DefaultValue[],
  { dtype, integer, size, path }: DefaultRequest,
): DataOf[DefaultDType] {
  const values = isList(value) ? value : new Array<DefaultValue>(size).fill(value);
  if (values.length !== size) {
    const expected = `expected one value, or a flat list of ${size} values for the shape`;
    throw new ConfigError(`${path}: ${expected}, found ${values.length} values`, { path });
  }
  const elements = values.map((element) => {
    const converted = integer ? toInteger(element, dtype) : dtype === 'float32' ? toFloat(element) : toBytes(element);
    if (converted !== undefined) return converted;
    const expected = integer && dtype === 'float32' ? 'an integer within ±2^24' : EXPECTED[dtype];
    const remedy =
      dtype === 'bytes' && typeof element === 'string' ? ': use defaultText for text, defaultBase64 for base64' : '';
    throw new ConfigError(`${path}: expected ${expected}, found ${showValue(element)}${remedy}`, { path });
  });
  const data = allocate(dtype, size);
  copyElements(elements, data, 0);
  return data;
}

function isList(value: DefaultValue | readonly DefaultValue[]): value is readonly DefaultValue[] {
  return Array.isArray(value);
}

function toInteger(value: DefaultValue, dtype: DefaultDType): bigint | number | undefined {
  const exact = toBigInt(value);
  if (exact === undefined || BigInt.asIntN(64, exact) !== exact) return undefined;
  if (dtype !== 'int32' && dtype !== 'float32') return exact;
  const { min, max } = NARROW_RANGES[dtype];
  return exact >= min && exact <= max ? Number(exact) : undefined;
}

function toBigInt(value: DefaultValue): bigint | undefined {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'string') return /^-?\d+$/.test(value) ? BigInt(value) : undefined;
  return Number.isSafeInteger(value) ? BigInt(Number(value)) : undefined;
}

function toFloat(value: DefaultValue): number | undefined {
  return typeof value === 'number' ? value : NOT_FINITE.get(value);
}

function toBytes(value: DefaultValue): Uint8Array | undefined {
  return value instanceof Uint8Array ? value : undefined;
}
