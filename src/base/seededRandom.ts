/**
 * Creates a generator of pseudo-random integers below a bound (`sfc32`, keyed by `splitmix32`). The sequence never
 * changes between releases.
 *
 * @see https://pracrand.sourceforge.net/RNG_engines.txt
 */
export function seededRandom(seed: number, stream: number): (bound: number) => number {
  let state = mix(mix(seed >>> 0) ^ (stream >>> 0));
  const word = (): number => {
    state = (state + 0x9e3779b9) | 0;
    return mix(state);
  };
  let a = word();
  let b = word();
  let c = word();
  let counter = 1;
  const next = (): number => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    return sum >>> 0;
  };
  // Similar keys have similar first outputs, so these are skipped.
  for (let i = 0; i < 12; i++) next();
  return (bound) => Math.floor((next() / 0x1_0000_0000) * bound);
}

/** A bijection of the integers of 32 bits: a change of one bit changes each bit with a probability of about 1/2. */
export function mix(value: number): number {
  let hash = value | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x21f0aaad);
  hash = Math.imul(hash ^ (hash >>> 15), 0x735a2d97);
  return (hash ^ (hash >>> 15)) | 0;
}
