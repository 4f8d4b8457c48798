import { nearestFloat32 } from './nearestFloat32.js';

/** The dtypes of CSV columns, with TensorFlow's names. */
export type CsvDType = 'int32' | 'int64' | 'float32' | 'float64' | 'string';

/**
 * How a string contains the UTF-8 bytes of a field: as decoded text (`utf8`), or as one character for each byte
 * (`latin1`).
 */
export type CsvEncoding = 'utf8' | 'latin1';

export type CsvValue = number | bigint | Uint8Array;

export type CsvValueReader = (text: string, encoding: CsvEncoding) => CsvValue | undefined;

const INTEGER = /^[ \t\n\v\f\r]*[+-]?[0-9]+[ \t\n\v\f\r]*$/;
const DECIMAL = /^[ \t\n\v\f\r]*[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:e[+-]?[0-9]+)?[ \t\n\v\f\r]*$/i;
const NOT_FINITE = /^[ \t\n\v\f\r]*([+-]?)(?:(inf(?:inity)?)|nan)[ \t\n\v\f\r]*$/i;

const EXACT_LENGTH = 15;

const INT64_DIGITS = 19;
const SIGNIFICANT_DIGITS = /[1-9][0-9]*/;

const readInt32: CsvValueReader = (text) => {
  const value = INTEGER.test(text) ? Number(text) : NaN;
  return value >= -(2 ** 31) && value < 2 ** 31 ? value : undefined;
};

const readInt64: CsvValueReader = (text) => {
  if (!INTEGER.test(text)) return undefined;
  // Without this check, the conversion of millions of digits would take minutes.
  if ((SIGNIFICANT_DIGITS.exec(text)?.[0].length ?? 0) > INT64_DIGITS) return undefined;
  const value = text.length <= EXACT_LENGTH ? BigInt(Number(text)) : BigInt(text);
  return BigInt.asIntN(64, value) === value ? value : undefined;
};

const readFloat = (text: string): number | undefined => {
  if (DECIMAL.test(text)) return Number(text);
  const match = NOT_FINITE.exec(text);
  if (!match) return undefined;
  const [, sign, infinity] = match;
  if (infinity === undefined) return NaN;
  return sign === '-' ? -Infinity : Infinity;
};

const readFloat32: CsvValueReader = (text) => {
  const value = readFloat(text);
  return value !== undefined && Number.isFinite(value) ? nearestFloat32(text, value) : value;
};

const readString: CsvValueReader = (text, encoding) => {
  const bytes = Buffer.from(text, encoding);
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
};

/** Spaces around a number are accepted. For a number out of range, the result is `undefined`. */
export const CSV_VALUE_READERS: Readonly<Record<CsvDType, CsvValueReader>> = {
  int32: readInt32,
  int64: readInt64,
  float32: readFloat32,
  float64: readFloat,
  string: readString,
};
