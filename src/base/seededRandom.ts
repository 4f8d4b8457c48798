import { seedOption } from './optionFields.js';
import { parseOptions } from './parseOptions.js';

/**
 * Creates a generator of integers below a bound (`sfc32`, keyed by `splitmix32`). The sequence never changes between
 * releases.
 */
export function seededRandom(seed: number, stream: number): (bound: number) => number {
  let state = mix(mix(seed >>> 0) ^ (stream >>> 0));
  const word = (): number => {
    state = (state + 0x9e3779b9) | 0;
    return mix(state);
  };
  // Similar keys have similar first outputs, so the first outputs are skipped.
  const next = sfc32([word(), word(), word()], 12);
  return (bound) => Math.floor((next() / 0x1_0000_0000) * bound);
}

/**
 * Returns a function that, like `Math.random`, returns numbers from 0 to less than 1. Equal seeds lead to equal
 * numbers on every machine and in every release.
 *
 * ```ts
 * import { randomFromSeed } from 'millrace';
 *
 * const random = randomFromSeed(7);
 * const angle = -10 + 20 * random(); // from -10 to 10 degrees
 * ```
 *
 * @param seed - an integer from 0 to 2^32 - 1.
 * @throws ConfigError if the seed is invalid.
 * @see https://www.tensorflow.org/api_docs/python/tf/random/Generator#from_seed
 */
export function randomFromSeed(seed: number): () => number {
  return randomOfItem(parseOptions('randomFromSeed', seedOption(), seed), 0, 0);
}

/** Like {@link randomFromSeed}, but the numbers also depend on the epoch and the index. */
export function randomOfItem(seed: number, epoch: number, index: number): () => number {
  const next = sfc32([mix(seed), epoch, index], 15);
  // The result has 53 bits, as in `Math.random`.
  return () => ((next() >>> 5) * 2 ** 26 + (next() >>> 6)) / 2 ** 53;
}

/**
 * Returns a generator of 32-bit integers. Different keys lead to different states.
 *
 * @param skipped - the number of first outputs to skip: at least 12, or 15 for a key of three counters.
 * @see https://pracrand.sourceforge.net/RNG_engines.txt
 */
function sfc32(key: readonly [number, number, number], skipped: number): () => number {
  let [a, b, c] = key;
  let counter = 1;
  const next = (): number => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    return sum >>> 0;
  };
  for (let i = 0; i < skipped; i++) next();
  return next;
}

/** A bijection of 32-bit integers: a change of one bit changes each bit with a probability of about 1/2. */
export function mix(value: number): number {
  let hash = value | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x21f0aaad);
  hash = Math.imul(hash ^ (hash >>> 15), 0x735a2d97);
  return (hash ^ (hash >>> 15)) | 0;
}
