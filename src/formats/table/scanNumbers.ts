import { nearFloat32 } from '../csv/nearestFloat32.js';
import { scanDecimal, scanned } from '../csv/scanDecimal.js';

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

/*
 * V8 reads an imported or exported constant from memory at each use, and inlines an imported function only after a
 * check. So the loop uses only constants and small functions of this file.
 */
const FLOAT32 = FLOAT32_KIND;
const INT32 = INT32_KIND;

/*
 * Each byte is combined with `0` by XOR. So a digit becomes its value, and each other byte becomes 10 or more. A group
 * is an int32 of four such bytes. The first byte is on top.
 */
const ZERO = 0x30;
const FOUR_ZEROS = 0x30303030;
const MINUS = 0x2d ^ ZERO;
const POINT = 0x2e ^ ZERO;
const NEWLINE = 0x0a ^ ZERO;
const CARRIAGE_RETURN = 0x0d ^ ZERO;
const NO_FIELD_END = 0xff;
const TOP_BITS = 0x80808080;
/** Added to a byte, sets its top bit if the byte is at least 10. */
const FROM_TEN = 0x76767676;
const EVEN_BYTES = 0x00ff00ff;

/** All integers of nine digits are int32. */
const MAX_WHOLE_DIGITS = 9;
const HIGH_DECIMALS = 12;
const MAX_DECIMALS = 20;
/** Integers below this limit are exact float64 numbers. A larger integer may have been rounded to the limit. */
const EXACT_LIMIT = 2 ** 53;
const UNDECIDED = NaN;

const byteAt = (view: DataView, at: number): number => view.getUint8(at) ^ ZERO;
const groupAt = (view: DataView, at: number): number => view.getInt32(at) ^ FOUR_ZEROS;

/** Returns 0 if all bytes are digits. Otherwise, the highest bit of the result is the top bit of the first other byte. */
const othersIn = (group: number): number => (group | (group + FROM_TEN)) & TOP_BITS;

/** Returns the integer of four digits. */
const integerOf = (group: number): number => {
  const pairs = (group + (group >>> 8) * 10) & EVEN_BYTES;
  return ((pairs >>> 16) * 100 + pairs) & 0xffff;
};

/** Replaces all but the first bits by zeros. A shift by 32 bits would do nothing, so each shift is half of it. */
const firstBits = (group: number, count: number): number => group & ~((-1 >>> (count >> 1)) >>> (count >> 1));

const isFieldEnd = (byte: number, isLast: boolean, delimiter: number): boolean =>
  isLast ? byte === NEWLINE || byte === CARRIAGE_RETURN : byte === delimiter;

/**
 * Returns the float64 nearest to (high + low / 10^8) / 10^12, for an integer `low` below 10^8. Returns NaN if `high`
 * may have been rounded, or if the number is too close to the middle of two float64 numbers.
 *
 * `near` has 24 bits, and 5^12 has 28 bits, so `near * 1e12` is exact. The difference from `high` has at most 31 bits,
 * and 5^8 has 19 bits, so it is exact after the multiplication too. Each of the other three roundings has a relative
 * error of at most 2^-53. So the error of `rest` is below `tolerance`, and the sum of `value` and `error` is exact.
 */
const nearestOf = (high: number, low: number): number => {
  const near = Math.fround(high * 1e-12);
  const rest = ((high - near * 1e12) * 1e8 + low) * 1e-20;
  const value = near + rest;
  const error = near - value + rest;
  const tolerance = rest * 2 ** -50;
  const isNearest = value + (error + tolerance) === value && value + (error - tolerance) === value;
  return isNearest && high < EXACT_LIMIT ? value : UNDECIDED;
};

/**
 * Reads fields with numbers up to the end of the row, or up to a field that the FieldReader must read. Sets
 * `state.field` to the index of that field, or to the number of fields at the end of the row.
 *
 * This is one long function, because one function call for each field would take a third of the time. The digits
 * before the point are read one by one, because the processor predicts their number. So it reads the next bytes before
 * it knows the position. It does not predict a random sign or the number of random decimals, so these are computed.
 *
 * @param view - the memory of `bytes`.
 * @param start - the position of the field with the index `state.field`. A line end must follow.
 * @returns the position of the field that the FieldReader must read, or of the next row.
 */
export function scanNumbers(bytes: Uint8Array, view: DataView, start: number, state: NumberRow): number {
  const { numbers, kinds, starts, row } = state;
  const delimiter = state.delimiter ^ ZERO;
  const last = kinds.length - 1;
  const lastPoint = bytes.length - MAX_DECIMALS - 1;
  // The `|` tells V8 that the variables never hold other values than int32.
  let field = state.field | 0;
  let at = start | 0;
  for (; field <= last; field++) {
    const kind = kinds[field] as number;
    if (kind > INT32) break;
    const isMinus = ((byteAt(view, at) ^ MINUS) - 1) >>> 31;
    const sign = 1 - 2 * isMinus;
    const digitsAt = at + isMinus;
    let position = digitsAt;
    let byte = byteAt(view, position);
    let whole = 0;
    for (; byte < 10; byte = byteAt(view, ++position)) whole = (whole * 10 + byte) | 0;
    if (position === digitsAt) break;
    let value = whole * sign;
    if (position > digitsAt + MAX_WHOLE_DIGITS) byte = NO_FIELD_END;
    else if (byte === POINT && position <= lastPoint) {
      if (kind === INT32) break;
      const lowAt = ++position + HIGH_DECIMALS;
      let digits = whole;
      let scale = sign;
      let group = groupAt(view, position);
      for (; othersIn(group) === 0 && position < lowAt; group = groupAt(view, (position += 4))) {
        digits = digits * 1e4 + integerOf(group);
        scale *= 1e4;
      }
      if (othersIn(group) === 0) {
        const second = groupAt(view, (position += 4));
        const digitBits = Math.clz32(othersIn(second));
        value = nearestOf(digits, integerOf(group) * 1e4 + integerOf(firstBits(second, digitBits))) * sign;
        byte = byteAt(view, (position += digitBits >>> 3));
      } else {
        for (byte = group >>> 24; byte < 10; byte = (group <<= 8) >>> 24) {
          digits = digits * 10 + byte;
          scale *= 10;
          position++;
        }
        value = digits < EXACT_LIMIT ? digits / scale : UNDECIDED;
      }
    }
    if (!isFieldEnd(byte, field === last, delimiter) || Number.isNaN(value)) {
      // The number has an exponent or more digits, or the field is not a number.
      position = kind === INT32 ? -1 : scanDecimal(bytes, at);
      if (position < 0) break;
      byte = byteAt(view, position);
      if (!isFieldEnd(byte, field === last, delimiter)) break;
      value = scanned[0] as number;
    }
    if (kind === FLOAT32) value = nearFloat32(value);
    if (Number.isNaN(value)) break;
    numbers[(starts[field] as number) + row] = value;
    if (byte === CARRIAGE_RETURN && byteAt(view, ++position) !== NEWLINE) break;
    at = position + 1;
  }
  state.field = field;
  return at;
}
