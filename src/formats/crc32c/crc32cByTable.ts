const POLYNOMIAL = 0x82f63b78;

/**
 * Tn contains the checksum of each byte followed by n zero bytes, so a step of 16 bytes is 16 independent lookups. The
 * lookups are not in a function. If V8 did not inline this function, the lookups would take up to six times as long.
 */
const T0 = Int32Array.from({ length: 256 }, (_, byte) => checksumOfByte(byte));
const T1 = withZeroByte(T0);
const T2 = withZeroByte(T1);
const T3 = withZeroByte(T2);
const T4 = withZeroByte(T3);
const T5 = withZeroByte(T4);
const T6 = withZeroByte(T5);
const T7 = withZeroByte(T6);
const T8 = withZeroByte(T7);
const T9 = withZeroByte(T8);
const T10 = withZeroByte(T9);
const T11 = withZeroByte(T10);
const T12 = withZeroByte(T11);
const T13 = withZeroByte(T12);
const T14 = withZeroByte(T13);
const T15 = withZeroByte(T14);

function checksumOfByte(byte: number): number {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
  return crc;
}

function withZeroByte(table: Int32Array): Int32Array {
  return table.map(afterZeroByte);
}

/** Returns the state after a zero byte. A state is a checksum before its final inversion. */
export function afterZeroByte(crc: number): number {
  return (crc >>> 8) ^ (T0[crc & 255] as number);
}

/**
 * Returns a signed number, because V8 allocates an object for a large unsigned one. Accepts a DataView, because code
 * that gets both Uint8Arrays and Buffers is slower.
 */
export function crc32cByTable(view: DataView, start: number, end: number): number {
  let crc = -1;
  let at = start;
  for (; at + 16 <= end; at += 16) {
    const a = crc ^ view.getInt32(at, true);
    const b = view.getInt32(at + 4, true);
    const c = view.getInt32(at + 8, true);
    const d = view.getInt32(at + 12, true);
    crc =
      (T15[a & 255] as number) ^
      (T14[(a >>> 8) & 255] as number) ^
      (T13[(a >>> 16) & 255] as number) ^
      (T12[a >>> 24] as number) ^
      (T11[b & 255] as number) ^
      (T10[(b >>> 8) & 255] as number) ^
      (T9[(b >>> 16) & 255] as number) ^
      (T8[b >>> 24] as number) ^
      (T7[c & 255] as number) ^
      (T6[(c >>> 8) & 255] as number) ^
      (T5[(c >>> 16) & 255] as number) ^
      (T4[c >>> 24] as number) ^
      (T3[d & 255] as number) ^
      (T2[(d >>> 8) & 255] as number) ^
      (T1[(d >>> 16) & 255] as number) ^
      (T0[d >>> 24] as number);
  }
  for (; at < end; at++) crc = (crc >>> 8) ^ (T0[(crc ^ view.getUint8(at)) & 255] as number);
  return ~crc;
}

export function crc32cOfEightBytes(view: DataView, start: number): number {
  const a = ~view.getInt32(start, true);
  const b = view.getInt32(start + 4, true);
  const crc =
    (T7[a & 255] as number) ^
    (T6[(a >>> 8) & 255] as number) ^
    (T5[(a >>> 16) & 255] as number) ^
    (T4[a >>> 24] as number) ^
    (T3[b & 255] as number) ^
    (T2[(b >>> 8) & 255] as number) ^
    (T1[(b >>> 16) & 255] as number) ^
    (T0[b >>> 24] as number);
  return ~crc;
}
