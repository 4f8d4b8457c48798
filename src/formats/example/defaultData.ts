import { ConfigError } from '../../base/errors.js';
import { allocate, TYPED_ARRAY_OF, type DataOf, type DType } from '../../arrays/ndarray.js';
import { showValue } from '../../base/showValue.js';
import type { DefaultValue } from './features.js';
import { copyElements } from '../../arrays/copyElements.js';
import { NARROW_RANGES } from '../protobuf/narrowValues.js';

const NOT_FINITE: ReadonlyMap<unknown, number> = new Map([
  ['nan', NaN],
  ['inf', Infinity],
  ['-inf', -Infinity],
]);

const FLOAT = 'a number, or "nan", "inf" or "-inf"';
const EXPECTED: Readonly<Partial<Record<DType, string>>> = {
  int64: 'a 64-bit integer as a number, a decimal string or a bigint',
  int32: 'a 32-bit integer',
  bool: '0 or 1',
  float32: FLOAT,
  float64: FLOAT,
  bytes: 'a Uint8Array',
};

export interface DefaultRequest {
  readonly dtype: DType;
  /** True if the records contain integers. `dtype` is the dtype after a conversion. */
  readonly integer: boolean;
  readonly size: number;
  readonly path: string;
}

/**
 * A single value is repeated for all elements.
 *
 * @throws ConfigError if the number of values is wrong, or a value does not fit the dtype.
 */
export function defaultData(
  value: DefaultValue | readonly DefaultValue[],
  { dtype, integer, size, path }: DefaultRequest,
): DataOf[DType] {
  const values = isList(value) ? value : new Array<DefaultValue>(size).fill(value);
  if (values.length !== size) {
    const expected = `expected one value, or a flat list of ${size} values for the shape`;
    throw new ConfigError(`${path}: ${expected}, found ${values.length} values`, { path });
  }
  const elements = values.map((element) => {
    const converted = integer ? toInteger(element, dtype) : dtype === 'bytes' ? toBytes(element) : toFloat(element);
    if (converted !== undefined) return converted;
    const expected = integer && dtype === 'float32' ? 'an integer within ±2^24' : (EXPECTED[dtype] ?? dtype);
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

function toInteger(value: DefaultValue, dtype: DType): bigint | number | undefined {
  const exact = toBigInt(value);
  if (exact === undefined || dtype === 'bytes') return undefined;
  if (dtype === 'float32') {
    const { min, max } = NARROW_RANGES[dtype];
    return exact >= min && exact <= max ? Number(exact) : undefined;
  }
  const bits = dtype === 'bool' ? 1 : 8 * TYPED_ARRAY_OF[dtype].BYTES_PER_ELEMENT;
  const fitting = dtype.startsWith('int') ? BigInt.asIntN(bits, exact) : BigInt.asUintN(bits, exact);
  if (fitting !== exact) return undefined;
  return bits === 64 ? exact : Number(exact);
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
