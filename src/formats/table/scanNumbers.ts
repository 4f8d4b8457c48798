import { joinParts, PART_DIGITS, POWERS } from '../csv/decimal.js';
import { nearFloat32 } from '../csv/nearestFloat32.js';
import { scanDecimal, scanned } from '../csv/scanDecimal.js';

const ZERO = 0x30;
const MINUS = 0x2d;
const POINT = 0x2e - ZERO;
const NEWLINE = 0x0a - ZERO;
const CARRIAGE_RETURN = 0x0d - ZERO;

/* How to read the fields of a column. {@link scanNumbers} reads the first three kinds. */
export const FLOAT64_KIND = 0;
export const FLOAT32_KIND = 1;
export const INT32_KIND = 2;
export const OTHER_KIND = 3;

export interface NumberRow {
  /** The numbers of all columns, column by column. */
  readonly numbers: Float64Array;
  readonly delimiter: number;
  readonly kinds: Uint8Array;
  /** The index in `numbers` of the column of each field. */
  readonly starts: Int32Array;
  row: number;
  field: number;
}

/**
 * Reads fields with numbers up to the end of the row, or up to a field that the FieldReader must read. Sets
 * `state.field` to the index of that field, or to the number of fields at the end of the row.
 *
 * This is one long function, because one function call for each field would double the time.
 *
 * @param start - the position of the field with the index `state.field`. A line end must follow.
 * @returns the position of the field that the FieldReader must read, or of the next row.
 */
export function scanNumbers(bytes: Uint8Array, start: number, state: NumberRow): number {
  const { numbers, kinds, starts, row } = state;
  const delimiter = state.delimiter - ZERO;
  const last = kinds.length - 1;
  let { field } = state;
  let at = start;
  for (; field <= last; field++) {
    const kind = kinds[field] as number;
    if (kind > INT32_KIND) break;
    let position = at;
    const first = bytes[position] as number;
    if (first === MINUS) position++;
    const digitsAt = position;
    let digit = (bytes[position] as number) - ZERO;
    let end = position + PART_DIGITS;
    let high = 0;
    while (digit >>> 0 <= 9 && position < end) {
      high = (Math.imul(high, 10) + digit) | 0;
      digit = (bytes[++position] as number) - ZERO;
    }
    if (position === digitsAt) break;
    let value = high;
    if (digit === POINT) {
      const pointAt = ++position;
      // A zero before the point is not one of the nine digits.
      end = high === 0 ? position + PART_DIGITS : end + 1;
      digit = (bytes[position] as number) - ZERO;
      while (digit >>> 0 <= 9 && position < end) {
        high = (Math.imul(high, 10) + digit) | 0;
        digit = (bytes[++position] as number) - ZERO;
      }
      if (digit >>> 0 <= 9) {
        const lowAt = position;
        end = position + PART_DIGITS;
        let low = 0;
        while (digit >>> 0 <= 9 && position < end) {
          low = (Math.imul(low, 10) + digit) | 0;
          digit = (bytes[++position] as number) - ZERO;
        }
        value = joinParts(high, low, position - lowAt, pointAt - position);
      } else value = high / (POWERS[position - pointAt] as number);
      if (kind === INT32_KIND) break;
    }
    if (first === MINUS) value = -value;
    const isLast = field === last;
    if (!isFieldEnd(digit, isLast, delimiter)) {
      // The number has an exponent or more digits, or the field is not a number.
      position = kind === INT32_KIND ? -1 : scanDecimal(bytes, at);
      if (position < 0) break;
      digit = (bytes[position] as number) - ZERO;
      if (!isFieldEnd(digit, isLast, delimiter)) break;
      value = scanned[0] as number;
    }
    if (kind === FLOAT32_KIND) value = nearFloat32(value);
    if (Number.isNaN(value)) break;
    numbers[(starts[field] as number) + row] = value;
    if (digit === CARRIAGE_RETURN && bytes[++position] !== NEWLINE + ZERO) break;
    at = position + 1;
  }
  state.field = field;
  return at;
}

function isFieldEnd(digit: number, isLast: boolean, delimiter: number): boolean {
  return isLast ? digit === NEWLINE || digit === CARRIAGE_RETURN : digit === delimiter;
}
