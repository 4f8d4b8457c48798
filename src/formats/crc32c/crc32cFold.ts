import { afterZeroByte } from './crc32cByTable.js';

/**
 * The state (the checksum before its final inversion) after n zero bytes is linear: the XOR of the effects of its bits.
 * So one table for each of the four bytes of the state is enough, and tables for the hexadecimal digits of n are
 * combined. After arbitrary bytes, the state is:
 *
 * ```text
 * after n bytes with checksum c   ~c ^ afterZeroBytes(~state, n)
 * after a word                    afterZeroBytes(state ^ word, 4)
 * ```
 */
const TABLE_ENTRIES = 4 * 256;
const DIGITS = 16;
const PLACES = 8;

/** For each hexadecimal place of n, lowest first, the tables of the digits 0 to 15, filled at first use. */
const TABLES = new Int32Array(PLACES * DIGITS * TABLE_ENTRIES);
let filledPlaces = 0;

function lookUp(table: number, state: number): number {
  return (
    (TABLES[table + (state & 255)] as number) ^
    (TABLES[table + 256 + ((state >>> 8) & 255)] as number) ^
    (TABLES[table + 512 + ((state >>> 16) & 255)] as number) ^
    (TABLES[table + 768 + (state >>> 24)] as number)
  );
}

function tableOf(place: number, digit: number): number {
  return (place * DIGITS + digit) * TABLE_ENTRIES;
}

function fillPlace(place: number): void {
  // Adding 1 here equals adding 15 and then 1 in the next lower place.
  const addOne = (state: number): number =>
    place === 0 ? afterZeroByte(state) : lookUp(tableOf(place - 1, 1), lookUp(tableOf(place - 1, 15), state));
  for (let entry = 0; entry < TABLE_ENTRIES; entry++) {
    let state = (entry & 255) << (8 * (entry >>> 8));
    for (let digit = 0; digit < DIGITS; digit++) {
      TABLES[tableOf(place, digit) + entry] = state;
      state = addOne(state);
    }
  }
  filledPlaces = place + 1;
}

export function afterZeroBytes(state: number, byteCount: number): number {
  let result = state;
  for (let place = 0, left = byteCount; left > 0; place++, left >>>= 4) {
    if (place === filledPlaces) fillPlace(place);
    if ((left & 15) > 0) result = lookUp(tableOf(place, left & 15), result);
  }
  return result;
}
