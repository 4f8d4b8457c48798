import { quote, showValue } from '../../base/showValue.js';
import { TextCopies } from '../csv/textCopies.js';
import type { Feature, FeatureDType } from '../example/features.js';
import { NARROW_RANGES, type NarrowDType } from '../protobuf/narrowValues.js';
import { markedNumber } from './jsonRecord.js';

export type JsonFeature = Exclude<Feature, { readonly kind: 'raw' | 'tensor' | 'sparse' | 'fixedLenSequence' }>;

export interface ElementType {
  readonly dtype: FeatureDType | NarrowDType;
  readonly expected: string;
  /** Converts a JSON value. Returns `undefined` if the value does not fit. */
  readonly read: (value: unknown) => number | bigint | Uint8Array | undefined;
}

const INT64: ElementType = { dtype: 'int64', expected: 'int64', read: toInt64 };
const FLOAT32: ElementType = { dtype: 'float32', expected: 'float32', read: toFloat };
const BYTES: ElementType = { dtype: 'bytes', expected: 'a string', read: toBytes };

/** The maximum number of characters of an int64. */
const MAX_INT64_LENGTH = 20;

const copies = new TextCopies();

export function elementType({ dtype, as }: JsonFeature): ElementType {
  if (as === undefined) return dtype === 'int64' ? INT64 : dtype === 'float32' ? FLOAT32 : BYTES;
  const { min, max } = NARROW_RANGES[as];
  const read = (value: unknown): number | undefined => {
    const integer = Number(toInt64(value) ?? NaN);
    return integer >= min && integer <= max ? integer : undefined;
  };
  return { dtype: as, expected: as === 'float32' ? 'an integer within ±2^24' : as, read };
}

export function showElement(value: unknown): string {
  const marked = markedNumber(value);
  return marked === undefined ? showValue(value) : quote(marked).slice(1, -1);
}

export function remedyOfElement(value: unknown, { read, dtype }: ElementType): string {
  if (read === toBytes) return '';
  if (typeof value === 'string') return markedNumber(value) === undefined ? ': for text, declare the dtype bytes' : '';
  if (typeof value !== 'number') return '';
  if (!Number.isInteger(value)) return ': for fractions, declare the dtype float32';
  return dtype === 'int64' ? ': write integers above 2^53 with all digits, without an exponent' : '';
}

function toInt64(value: unknown): bigint | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : undefined;
  if (typeof value === 'boolean') return value ? 1n : 0n;
  const digits = markedNumber(value);
  if (digits === undefined || digits.length > MAX_INT64_LENGTH || !/\d/.test(digits)) return undefined;
  const exact = BigInt(digits);
  return BigInt.asIntN(64, exact) === exact ? exact : undefined;
}

function toFloat(value: unknown): number | undefined {
  const number = typeof value === 'number' ? value : markedNumber(value);
  return number === undefined ? undefined : Number(number);
}

function toBytes(value: unknown): Uint8Array | undefined {
  return typeof value === 'string' && markedNumber(value) === undefined ? copies.encode(value) : undefined;
}
