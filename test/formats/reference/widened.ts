/** Returns the float32 of each stored element, by other arithmetic than the code: a float16 is a scaled float32. */
export function widened(dtype: string, stored: Uint8Array): Uint8Array {
  if (dtype !== 'float16' && dtype !== 'bfloat16') return stored;
  const halves = Array.from({ length: stored.length / 2 }, (_, at) => stored[2 * at]! | (stored[2 * at + 1]! << 8));
  if (dtype === 'bfloat16') return new Uint8Array(Uint32Array.from(halves, (half) => half << 16).buffer);
  return new Uint8Array(Float32Array.from(halves, numberOfFloat16).buffer);
}

function numberOfFloat16(half: number): number {
  const magnitude = half & 0x7fff;
  if (magnitude > 0x7c00) return NaN;
  const [scaled = 0] = new Float32Array(Uint32Array.of(magnitude << 13).buffer);
  const number = magnitude === 0x7c00 ? Infinity : scaled * 2 ** 112;
  return half & 0x8000 ? -number : number;
}

/** Reverses the bytes of each element. */
export function reversedItems(bytes: Uint8Array, itemBytes: number): Uint8Array {
  return bytes.map((_, at) => bytes[at - (at % itemBytes) + itemBytes - 1 - (at % itemBytes)]!);
}
