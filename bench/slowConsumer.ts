import { setTimeout as delay } from 'node:timers/promises';
import { toAsyncIterable } from 'millrace';
import { floatsBatches } from './cases.js';
import type { Job } from './job.js';

/** About what a training step takes beside the reading of its batch, so that ten batches wait all the time. */
const STEP_MS = 2;

/** Consumes `example-floats` more slowly than they come. */
export const slowConsumer: Job = async ({ bytes$ }) => {
  let examples = 0;
  for await (const { label } of toAsyncIterable(floatsBatches(bytes$))) {
    examples += label.data.length;
    await delay(STEP_MS);
  }
  return examples;
};
