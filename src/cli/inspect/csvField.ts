import { CSV_VALUE_READERS } from '../../formats/csv/csvValue.js';
import type { TableDType } from '../../formats/table/tableDType.js';
import { shortestFloat32 } from './describeValue.js';

/* Each bit is a dtype that can represent the field without loss. */
export const INT64 = 1;
export const FLOAT32 = 2;
export const FLOAT64 = 4;
export const STRING = 8;
export const INT32 = 128;
export const NUMBERS = INT32 | INT64 | FLOAT32 | FLOAT64;
/** Any dtype with a default can represent an empty field. */
export const EMPTY = 16;
/** An integer outside the range of int64. */
export const WIDE = 32;
/** An integer with leading zeros, such as a postal code. */
export const PADDED = 64;
/** The text `true` or `false`. */
export const BOOL = 256;

const DTYPES: readonly (readonly [number, TableDType])[] = [
  [INT32, 'int32'],
  [INT64, 'int64'],
  [FLOAT32, 'float32'],
  [FLOAT64, 'float64'],
];

/** A float32 preserves every decimal number with this many digits. */
const FLOAT32_DIGITS = 6;
const INTEGER = /^\s*[+-]?\d+\s*$/;
const PADDED_INTEGER = /^\s*0\d+\s*$/;
export const BOOLEAN = /^\s*(?:true|false)\s*$/i;

/** Returns the first dtype that can represent all numbers: int32, int64, float32 or float64. */
export function dtypeOf(dtypes: number): TableDType {
  return DTYPES.find(([bit]) => (dtypes & bit) !== 0)?.[1] ?? 'string';
}

export function dtypesOf(line: Uint8Array, start: number, end: number): number {
  const first = line[start];
  let at = first === 0x2d || first === 0x2b ? start + 1 : start;
  const digitsStart = at;
  let dot = -1;
  for (; at < end; at++) {
    const byte = line[at] ?? 0;
    if (byte === 0x2e && dot < 0) dot = at;
    else if (byte < 0x30 || byte > 0x39) return dtypesOfText(line, start, end);
  }
  const digits = end - digitsStart - (dot < 0 ? 0 : 1);
  if (digits === 0 || digits > FLOAT32_DIGITS) return dtypesOfText(line, start, end);
  if (dot >= 0) return STRING | FLOAT32 | FLOAT64;
  return STRING | NUMBERS | (first === 0x30 && digits > 1 ? PADDED : 0);
}

function dtypesOfText(line: Uint8Array, start: number, end: number): number {
  const text = Buffer.from(line.buffer, line.byteOffset + start, end - start).toString('latin1');
  const value = CSV_VALUE_READERS.float64(text, 'latin1');
  if (typeof value !== 'number') return BOOLEAN.test(text) ? STRING | BOOL : STRING;
  const isInt64 = CSV_VALUE_READERS.int64(text, 'latin1') !== undefined;
  const isInt32 = CSV_VALUE_READERS.int32(text, 'latin1') !== undefined;
  const integer = (isInt32 ? INT32 : 0) | (isInt64 ? INT64 : 0);
  const padded = PADDED_INTEGER.test(text) ? PADDED : 0;
  // An integer that neither float64 nor int64 represents is an id.
  if (INTEGER.test(text) && !Number.isSafeInteger(value)) return STRING | (integer || WIDE) | padded;
  // An int64 is compared by its value, because the shortest text of a float32 may be a rounded integer.
  const fits = isInt64 ? Math.fround(value) === value : fitsFloat32(value);
  return STRING | integer | FLOAT64 | (fits ? FLOAT32 : 0) | padded;
}

/** True if the nearest float32, in its shortest decimal form, is this number. */
function fitsFloat32(value: number): boolean {
  if (!Number.isFinite(value) || value === 0) return true;
  const nearest = Math.fround(value);
  return Number.isFinite(nearest) && nearest !== 0 && Number(shortestFloat32(nearest)) === value;
}
