/** Returns pseudorandom bytes that are the same in every run. `seed` is the index of the record. */
export function pseudoRandomBytes(length: number, seed: number): Uint8Array {
  const words = new Uint32Array(Math.ceil(length / 4));
  // Marsaglia's xorshift32, whose state must not be zero.
  let state = Math.imul(seed + 1, 0x9e3779b1) || 1;
  for (let i = 0; i < words.length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[i] = state;
  }
  return new Uint8Array(words.buffer, 0, length);
}
