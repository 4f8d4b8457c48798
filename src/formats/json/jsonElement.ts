import { showValue, quote } from '../../base/showValue.js';
import { TextCopies } from '../csv/textCopies.js';
import { NARROW_RANGES } from '../protobuf/narrowValues.js';
import { markedNumber } from './markNumbers.js';

export type ElementDType = 'int64' | 'int32' | 'float32' | 'bytes';

/** Converts a JSON value to an element of an array. Returns `undefined` if the value does not fit. */
export type ReadElement = (value: unknown) => number | bigint | Uint8Array | undefined;

/** More digits do not fit in an int64. */
const MAX_INT64_LENGTH = 20;

const copies = new TextCopies();

/** @param isInteger - true if the feature has int64 values, even if `dtype` is a narrower dtype. */
export function elementReader(dtype: ElementDType, isInteger: boolean): ReadElement {
  if (dtype === 'int64') return toInt64;
  if (isInteger && dtype !== 'bytes') return (value) => toNarrow(value, NARROW_RANGES[dtype]);
  return dtype === 'float32' ? toFloat : toBytes;
}

export function expectedElement(dtype: ElementDType, isInteger: boolean): string {
  if (dtype === 'bytes') return 'a string';
  return isInteger && dtype === 'float32' ? 'an integer within ±2^24' : dtype;
}

export function showElement(value: unknown): string {
  const marked = markedNumber(value);
  return marked === undefined ? showValue(value) : quote(marked).slice(1, -1);
}

export function remedyOfElement(value: unknown, dtype: ElementDType, isInteger: boolean): string {
  const isText = typeof value === 'string' && markedNumber(value) === undefined;
  if (isText) return ': for text, declare the dtype bytes';
  if (!isInteger || typeof value !== 'number') return '';
  if (!Number.isInteger(value)) return ': for fractions, declare the dtype float32';
  return dtype === 'int64' ? ': write integers above 2^53 with all digits, without an exponent' : '';
}

function toInt64(value: unknown): bigint | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : undefined;
  if (typeof value === 'boolean') return value ? 1n : 0n;
  const digits = markedNumber(value);
  if (digits === undefined || digits.length > MAX_INT64_LENGTH || !/^-?\d/.test(digits)) return undefined;
  const exact = BigInt(digits);
  return BigInt.asIntN(64, exact) === exact ? exact : undefined;
}

function toNarrow(value: unknown, { min, max }: { readonly min: number; readonly max: number }): number | undefined {
  if (typeof value === 'boolean') return value ? 1 : 0;
  return Number.isInteger(value) && (value as number) >= min && (value as number) <= max
    ? (value as number)
    : undefined;
}

function toFloat(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  const marked = markedNumber(value);
  return marked === undefined ? undefined : Number(marked);
}

function toBytes(value: unknown): Uint8Array | undefined {
  return typeof value === 'string' && markedNumber(value) === undefined ? copies.encode(value) : undefined;
}
