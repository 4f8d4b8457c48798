import { setTimeout as delay } from 'node:timers/promises';
import { toAsyncIterable } from 'millrace';
import { floatsBatches } from './cases.js';
import type { Job } from './job.js';

/** A typical training step. It is longer than the reading of a batch, so ten prefetched batches always wait. */
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
