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
  /** For each field, the index in `numbers` at which its column begins. */
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
 * is an int32 of four such bytes. The first byte is the lowest one.
 */
const ZERO = 0x30;
const FOUR_ZEROS = 0x30303030;
const MINUS = 0x2d;
const POINT = 0x2e ^ ZERO;
const NEWLINE = 0x0a ^ ZERO;
const CARRIAGE_RETURN = 0x0d ^ ZERO;
const NO_FIELD_END = 0xff;
const TOP_BITS = 0x80808080;
/** Added to a byte, sets its top bit if the byte is at least 10. */
const FROM_TEN = 0x76767676;
const EVEN_BYTES = 0x00ff00ff;
/** Adds ten times each byte to the next byte. */
const JOIN_BYTES = 1 + (10 << 8);
/** Adds a hundred times each pair of digits to the next pair. */
const JOIN_PAIRS = 1 + (100 << 16);

/** All integers of nine digits are int32. */
const MAX_WHOLE_DIGITS = 9;
const MAX_DECIMALS = 20;
/** Integers below this limit are exact float64 numbers. A larger integer may have been rounded to the limit. */
const EXACT_LIMIT = 2 ** 53;
/** Smaller numbers with 12 decimals, multiplied by 10^12, are integers below the limit. */
const MAX_WHOLE = 9007;
const BELOW = 1 - 2 ** -50;
const ABOVE = 1 + 2 ** -50;
const UNDECIDED = NaN;

const byteAt = (view: DataView, at: number): number => view.getUint8(at) ^ ZERO;
const groupAt = (view: DataView, at: number): number => view.getInt32(at, true) ^ FOUR_ZEROS;

/** Returns 0 if all bytes of three groups are digits. */
const othersInAll = (first: number, second: number, third: number): number =>
  (first | (first + FROM_TEN) | second | (second + FROM_TEN) | third | (third + FROM_TEN)) & TOP_BITS;

/**
 * Returns 0 if all bytes are digits. Otherwise, the lowest bit of the result is the top bit of the first byte that is
 * not a digit.
 */
const othersIn = (group: number): number => (group | (group + FROM_TEN)) & TOP_BITS;

/** Returns an int32 whose bits are set in all bytes before the first byte that is not a digit. */
const digitMask = (others: number): number => ((others >>> 7) - 1) & ~(others >>> 7);

/** Returns the integer of four digits. */
const integerOf = (group: number): number => ((((group * JOIN_BYTES) >>> 8) & EVEN_BYTES) * JOIN_PAIRS) >>> 16;

/** Returns the integer of eight digits. */
const longOf = (first: number, second: number): number => integerOf(first) * 1e4 + integerOf(second);

const isFieldEnd = (byte: number, isLast: boolean, delimiter: number): boolean =>
  isLast ? byte === NEWLINE || byte === CARRIAGE_RETURN : byte === delimiter;

/**
 * Returns the float64 nearest to (high + low / 10^8) / 10^12, for an integer `high` below 2^53 and an integer `low`
 * below 10^8. Returns NaN if the number is too close to the middle of two float64 numbers.
 *
 * `near` has 24 bits, and 5^12 has 28 bits, so `near * 1e12` is exact. The difference from `high` has at most 31 bits,
 * and 5^8 has 19 bits, so it is exact after the multiplication too. Each of the other three roundings has a relative
 * error of at most 2^-53. So the exact rest is between `rest * BELOW` and `rest * ABOVE`. Rounding keeps the order, so
 * if both sums are equal, the sum with the exact rest is equal too.
 */
const nearestOf = (high: number, low: number): number => {
  const near = Math.fround(high * 1e-12);
  const rest = ((high - near * 1e12) * 1e8 + low) * 1e-20;
  const value = near + rest * BELOW;
  return value === near + rest * ABOVE ? value : UNDECIDED;
};

/**
 * Reads fields with numbers up to the end of the row, or up to a field that the FieldReader must read. Sets
 * `state.field` to the index of that field, or to the number of fields at the end of the row.
 *
 * This is one long function, because one function call for each field would take a third of the time. The digits before
 * the point are read in a loop: the processor predicts their number, and reads the next bytes in advance. It cannot
 * predict random signs, or how many decimals a number has, so these are computed without branches.
 *
 * @param view - the memory of `bytes`.
 * @param start - the position of the field with the index `state.field`. The row must have a line end.
 * @returns the position of the field that the FieldReader must read, or of the next row.
 */
export function scanNumbers(bytes: Uint8Array, view: DataView, start: number, state: NumberRow): number {
  const { numbers, kinds, starts, row } = state;
  const delimiter = state.delimiter ^ ZERO;
  const last = kinds.length - 1;
  // The `| 0` tells V8 that a sum is an int32. So V8 does not check each sum for an overflow.
  let field = state.field | 0;
  let at = start | 0;
  for (; field <= last && (kinds[field] as number) <= INT32; field++) {
    const kind = kinds[field] as number;
    const isMinus = ((view.getUint8(at) ^ MINUS) - 1) >>> 31;
    const digitsAt = (at + isMinus) | 0;
    let position = digitsAt;
    let byte = byteAt(view, position);
    let whole = 0;
    for (; byte < 10; byte = byteAt(view, (position = (position + 1) | 0))) whole = (whole * 10 + byte) | 0;
    if (position === digitsAt) break;
    let value = whole;
    if (position > ((digitsAt + MAX_WHOLE_DIGITS) | 0)) byte = NO_FIELD_END;
    else if (byte === POINT && kind !== INT32 && ((position + MAX_DECIMALS) | 0) < bytes.length) {
      let group = groupAt(view, (position = (position + 1) | 0));
      const second = groupAt(view, (position + 4) | 0);
      const third = groupAt(view, (position + 8) | 0);
      if (othersInAll(group, second, third) === 0) {
        const fourth = groupAt(view, (position + 12) | 0);
        const fifth = groupAt(view, (position + 16) | 0);
        const fourthMask = digitMask(othersIn(fourth));
        // The shift returns -1 if all bytes of the fourth group are digits, otherwise 0.
        const fifthMask = digitMask(othersIn(fifth)) & (fourthMask >> 31);
        const high = whole < MAX_WHOLE ? (whole * 1e4 + integerOf(group)) * 1e8 + longOf(second, third) : UNDECIDED;
        position = (position + MAX_DECIMALS - ((Math.clz32(fourthMask) + Math.clz32(fifthMask)) >>> 3)) | 0;
        value = nearestOf(high, longOf(fourth & fourthMask, fifth & fifthMask));
        byte = Number.isNaN(value) ? NO_FIELD_END : byteAt(view, position);
      } else {
        let scale = 1;
        for (; othersIn(group) === 0; group = groupAt(view, (position = (position + 4) | 0))) {
          value = value * 1e4 + integerOf(group);
          scale *= 1e4;
        }
        for (byte = group & 0xff; byte < 10; byte = (group >>>= 8) & 0xff) {
          value = value * 10 + byte;
          scale *= 10;
          position = (position + 1) | 0;
        }
        if (value >= EXACT_LIMIT) byte = NO_FIELD_END;
        value /= scale;
      }
    }
    if (!isFieldEnd(byte, field === last, delimiter)) {
      // The number has an exponent or more digits, or the field is not a number.
      position = kind === INT32 ? -1 : scanDecimal(bytes, at);
      byte = position < 0 ? NO_FIELD_END : byteAt(view, position);
      if (!isFieldEnd(byte, field === last, delimiter)) break;
      value = Math.abs(scanned[0] as number);
    }
    if (kind === FLOAT32) value = nearFloat32(value);
    if (Number.isNaN(value)) break;
    numbers[(starts[field] as number) + row] = value * (1 - 2 * isMinus);
    if (byte === CARRIAGE_RETURN && byteAt(view, ++position) !== NEWLINE) break;
    at = (position + 1) | 0;
  }
  state.field = field;
  return at;
}
