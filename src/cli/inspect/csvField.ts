import { CSV_VALUE_READERS, type CsvDType } from '../../formats/csv/csvValue.js';

/* Each bit is a dtype that can represent the field without loss. */
export const INT64 = 1;
export const FLOAT32 = 2;
export const FLOAT64 = 4;
export const STRING = 8;
export const NUMBERS = INT64 | FLOAT32 | FLOAT64;
/** Any dtype with a default represents an empty field. */
export const EMPTY = 16;
/** A float would change an integer beyond int64. */
export const WIDE = 32;

const DTYPES: readonly (readonly [number, CsvDType])[] = [
  [INT64, 'int64'],
  [FLOAT32, 'float32'],
  [FLOAT64, 'float64'],
];

/** Up to this number, float32 represents every integer. */
const FLOAT32_EXACT = 2 ** 24;
/** A float64 represents every decimal number with this many digits. */
const EXACT_DIGITS = 15;
const INTEGER = /^\s*[+-]?\d+\s*$/;

export function dtypeOf(dtypes: number): CsvDType {
  return DTYPES.find(([bit]) => (dtypes & bit) !== 0)?.[1] ?? 'string';
}

/** Returns the dtypes that can represent a non-empty field without loss. */
export function dtypesOf(line: Uint8Array, start: number, end: number): number {
  const first = line[start];
  let at = first === 0x2d || first === 0x2b ? start + 1 : start;
  const digitsStart = at;
  let whole = 0;
  let dot = -1;
  for (; at < end; at++) {
    const byte = line[at] ?? 0;
    if (byte === 0x2e && dot < 0) dot = at;
    else if (byte < 0x30 || byte > 0x39) return dtypesOfText(line, start, end);
    else if (dot < 0) whole = whole * 10 + byte - 0x30;
  }
  const digits = end - digitsStart;
  if (digits === 0 || digits > EXACT_DIGITS || (dot >= 0 && digits === 1)) return dtypesOfText(line, start, end);
  const floats = whole <= FLOAT32_EXACT ? FLOAT32 | FLOAT64 : FLOAT64;
  return dot < 0 ? STRING | INT64 | floats : STRING | floats;
}

function dtypesOfText(line: Uint8Array, start: number, end: number): number {
  const text = Buffer.from(line.buffer, line.byteOffset + start, end - start).toString('latin1');
  const value = CSV_VALUE_READERS.float64(text, 'latin1');
  if (typeof value !== 'number') return STRING;
  const isInt64 = CSV_VALUE_READERS.int64(text, 'latin1') !== undefined;
  const integer = isInt64 ? INT64 : 0;
  // An integer id that float64 would change and int64 cannot represent is text.
  if (INTEGER.test(text) && !Number.isSafeInteger(value)) return STRING | (integer || WIDE);
  return STRING | integer | FLOAT64 | (fitsFloat32(value) ? FLOAT32 : 0);
}

/** Whether float32 preserves the first seven digits. */
function fitsFloat32(value: number): boolean {
  if (!Number.isFinite(value) || value === 0) return true;
  return Math.abs(value) <= FLOAT32_EXACT && Math.fround(value) !== 0;
}
