import type { CsvDType } from '../../../src/formats/csv/csvValue.js';
import type { CsvColumn } from '../../../src/formats/csv/csvParser.js';

export interface CsvLineRules {
  readonly fieldDelim: string;
  readonly useQuoteDelim: boolean;
}

/**
 * Splits a line with one regular expression for each kind of field. Each character is a byte. Returns `undefined` if
 * the line is not CSV.
 */
export function splitLine(line: string, { fieldDelim, useQuoteDelim }: CsvLineRules): string[] | undefined {
  const quoted = new RegExp(`"((?:[^"]|"")*)"(?=${fieldDelim}|$)`, 'y');
  const plain = new RegExp(`[^${fieldDelim}\\r\\n${useQuoteDelim ? '"' : ''}]*(?=${fieldDelim}|$)`, 'y');
  const fields: string[] = [];
  let at = 0;
  const match = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    return pattern.exec(line);
  };
  while (at < line.length) {
    at += match(/[\r\n]*/y)?.[0].length ?? 0;
    if (at === line.length) break;
    const isQuoted = useQuoteDelim && line[at] === '"';
    const found = match(isQuoted ? quoted : plain);
    if (!found) return undefined;
    fields.push(isQuoted ? found[1]!.replaceAll('""', '"') : found[0]);
    at += found[0].length + 1;
  }
  if (line.endsWith(fieldDelim)) fields.push('');
  return fields;
}

/** Returns the bytes of a field's value, or `undefined` if the field is invalid. */
export function valueBytes(
  field: string,
  column: CsvColumn,
  naValue: string,
): { readonly dtype: Exclude<CsvDType, 'string'> | 'bytes'; readonly bytes: Uint8Array } | undefined {
  const { dtype, default: standIn } = typeof column === 'string' ? { dtype: column, default: undefined } : column;
  const isMissing = field === '' || field === naValue;
  if (isMissing && standIn === undefined) return undefined;
  const text = isMissing ? String(standIn) : field;
  const bytes = BYTES_OF[dtype](text.replace(/^[ \t\n\v\f\r]+|[ \t\n\v\f\r]+$/g, ''), text);
  return bytes && { dtype: dtype === 'string' ? 'bytes' : dtype, bytes: new Uint8Array(bytes) };
}

const integer = (bits: number) => (trimmed: string) => {
  if (!/^[+-]?[0-9]+$/.test(trimmed)) return undefined;
  const value = BigInt(trimmed.replace('+', '').replace('-', '')) * (trimmed.startsWith('-') ? -1n : 1n);
  if (BigInt.asIntN(bits, value) !== value) return undefined;
  return BigInt64Array.of(value).buffer.slice(0, bits / 8);
};

const float = (make: (value: number, text?: string) => ArrayBuffer) => (trimmed: string) => {
  const [, sign, word = ''] = /^([+-]?)(.*)$/s.exec(trimmed.toLowerCase())!;
  if (word === 'nan') return make(NaN);
  if (word === 'inf' || word === 'infinity') return make(sign === '-' ? -Infinity : Infinity);
  // JavaScript also accepts hexadecimal numbers and empty text.
  return /^[0-9.][0-9.e+-]*$/.test(word) && !Number.isNaN(Number(word)) ? make(Number(trimmed), trimmed) : undefined;
};

/** Half-way between two float32s, the digits that the float64 lacks decide. */
function nearestFloat32(value: number, text = ''): number {
  const near = Math.fround(value);
  const other = value + (value - near);
  if (near === value || !Number.isFinite(near) || Math.fround(other) !== other) return near;
  const side = compareExactly(text, value);
  return side === 0 ? near : side > 0 ? Math.max(near, other) : Math.min(near, other);
}

/** The sign of a decimal number without a float64. */
function compareExactly(text: string, float: number): number {
  const [, sign, integer = '', fraction = '', power = '0'] = /^([+-]?)(\d*)\.?(\d*)(?:e(.*))?$/i.exec(text)!;
  const exponent = Number(power) - fraction.length;
  let twos = 0;
  while (!Number.isInteger(float * 2 ** twos)) twos++;
  const digits = BigInt(`${integer}${fraction}`) * (sign === '-' ? -1n : 1n);
  const left = digits * 10n ** BigInt(Math.max(exponent, 0)) * 2n ** BigInt(twos);
  const right = BigInt(float * 2 ** twos) * 10n ** BigInt(Math.max(-exponent, 0));
  return left < right ? -1 : left > right ? 1 : 0;
}

const BYTES_OF: Readonly<Record<CsvDType, (trimmed: string, text: string) => ArrayBuffer | Buffer | undefined>> = {
  int32: integer(32),
  int64: integer(64),
  float32: float((value, text) => Float32Array.of(nearestFloat32(value, text)).buffer),
  float64: float((value) => Float64Array.of(value).buffer),
  string: (_, text) => Buffer.from(text, 'latin1'),
};
