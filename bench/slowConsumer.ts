import { setTimeout as delay } from 'node:timers/promises';
import { toAsyncIterable } from 'millrace';
import { floatsBatches } from './cases.js';
import type { Job } from './job.js';

/**
 * The time of a typical training step in milliseconds. It is longer than the time to read a batch, so ten prefetched
 * batches are always waiting.
 */
const STEP_MS = 2;

/** Consumes `example-floats` more slowly than it can be read. */
export const slowConsumer: Job = async ({ bytes$ }) => {
  let examples = 0;
  for await (const { label } of toAsyncIterable(floatsBatches(bytes$))) {
    examples += label.data.length;
    await delay(STEP_MS);
  }
  return examples;
};
