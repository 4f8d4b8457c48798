import { performance } from 'node:perf_hooks';
import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises';
import { seededRandom } from '../../src/base/seededRandom.js';

const STREAM = 0xffff_fffe;

/** How a consumer goes on for a while. */
type Gait = 'fast' | 'yielding' | 'pausing' | 'blocking';

const GAITS: readonly Gait[] = ['fast', 'yielding', 'pausing', 'blocking'];

/**
 * How many batches a gait lasts at the most. It is fast most of the time, so that data passes; the slow ones come often
 * enough that every queue fills up and runs dry.
 */
const LONGEST = { fast: 600, yielding: 100, pausing: 12, blocking: 12 } as const satisfies Record<Gait, number>;

const LONGEST_PAUSE_MS = 12;

/** What a consumer does after each batch: bursts and pauses, by seeded choice, some of which block the thread. */
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

/** Keeps the thread busy, as a training step does. */
function block(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}
