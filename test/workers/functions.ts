import process from 'node:process';
import { threadId } from 'node:worker_threads';
import { ValueError } from '../../src/base/errors.js';
import type { NDArray } from '../../src/arrays/ndarray.js';
import { randomFromSeed } from '../../src/base/seededRandom.js';
import { scale } from '../../src/arrays/scale.js';

/** The functions that the tests call in workers. */

/** Returns twice a number plus `data`. */
export function map(item: number, index: number, data?: { readonly plus: number }): unknown {
  return { doubled: item * 2 + (data?.plus ?? 0), index };
}

/** Returns when the test releases the item at its place in shared memory. Counts calls at place 0. */
export async function held(item: number, _index: number, flags: Int32Array): Promise<number> {
  Atomics.add(flags, 0, 1);
  while (Atomics.load(flags, item) === 0) await new Promise((resolve) => setImmediate(resolve));
  return item;
}

/** Returns the thread when enough calls run at the same time. */
export function together(_item: unknown, _index: number, flags: Int32Array): number {
  Atomics.add(flags, 0, 1);
  Atomics.notify(flags, 0);
  for (let seen = Atomics.load(flags, 0); seen < 2; seen = Atomics.load(flags, 0)) Atomics.wait(flags, 0, seen);
  return threadId;
}

/** Returns the first random number of a seed. */
export const drawFromSeed = (seed: number): number => randomFromSeed(seed)();

export const thread = (): number => threadId;

/** Fails for the number 2. */
export function failsAtTwo(item: number): number {
  if (item === 2) throw new ValueError('no two', { path: 'item' });
  return item;
}

/** Ends its thread at the number 2. */
export function diesAtTwo(item: number): number {
  if (item === 2) process.exit(9);
  return item;
}

/** Returns fresh memory. */
export function scaled(batch: NDArray<'float32'>): NDArray<'float32'> {
  return scale(batch, 2);
}

/** Not a function. */
export const seven = 7;
