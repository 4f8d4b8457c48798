import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises';
import { seededRandom } from '../../src/base/seededRandom.js';

const STREAM = 0xffff_fffe;

type Gait = 'fast' | 'yielding' | 'pausing' | 'blocking';

const GAITS: readonly Gait[] = ['fast', 'yielding', 'pausing', 'blocking'];

/**
 * The largest number of consecutive batches at each speed. `fast` has the most, so that much data is read. The slow
 * speeds are frequent enough to fill and empty every queue.
 */
const LONGEST = { fast: 600, yielding: 100, pausing: 12, blocking: 12 } as const satisfies Record<Gait, number>;

const LONGEST_PAUSE_MS = 12;

/**
 * Returns a function to call after each batch. Its random bursts and pauses depend only on the seed. Some pauses block
 * the thread.
 */
export function randomPace(seed: number): () => Promise<void> | undefined {
  const random = seededRandom(seed, STREAM);
  let gait: Gait = 'fast';
  let left = 0;
  return () => {
    if (left-- <= 0) {
      gait = GAITS[random(GAITS.length)] ?? 'fast';
      left = random(LONGEST[gait]);
    }
    switch (gait) {
      case 'fast':
        return undefined;
      case 'yielding':
        return turn();
      case 'pausing':
        return delay(random(LONGEST_PAUSE_MS));
      case 'blocking':
        block(random(LONGEST_PAUSE_MS));
        return undefined;
    }
  };
}

/** Blocks the thread without using the processor. */
function block(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
