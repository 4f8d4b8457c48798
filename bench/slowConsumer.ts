import { setTimeout as delay } from 'node:timers/promises';
import { toAsyncIterable } from 'millrace';
import { floatsBatches } from './cases.js';
import type { Job } from './job.js';

/**
 * The time of a typical training step in milliseconds. Reading a batch takes less time, so ten prefetched batches
 * always wait.
 */
const STEP_MS = 2;

export const slowConsumer: Job = async ({ bytes$ }) => {
  let examples = 0;
  for await (const { label } of toAsyncIterable(floatsBatches(bytes$))) {
    examples += label.data.length;
    await delay(STEP_MS);
  }
  return examples;
};
