import { performance } from 'node:perf_hooks';
import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises';
import { seededRandom } from '../../src/base/seededRandom.js';

const STREAM = 0xffff_fffe;

/** The behaviour of a consumer for some batches. */
type Gait = 'fast' | 'yielding' | 'pausing' | 'blocking';

const GAITS: readonly Gait[] = ['fast', 'yielding', 'pausing', 'blocking'];

/**
 * The longest duration of each gait, in batches. It is fast most of the time to read much data. The slow gaits are frequent
 * enough to fill and empty every queue.
 */
const LONGEST = { fast: 600, yielding: 100, pausing: 12, blocking: 12 } as const satisfies Record<Gait, number>;

const LONGEST_PAUSE_MS = 12;

/** Returns a function to call after each batch. It makes seeded random bursts and pauses. Some pauses block the thread. */
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

/** Blocks the thread, like a training step. */
function block(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}
