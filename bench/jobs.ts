import { CASES } from './cases.js';
import type { Job } from './job.js';
import { RIVALS } from './rivals.js';
import { slowConsumer } from './slowConsumer.js';

export const JOBS: ReadonlyMap<string, Job> = new Map([
  ...Object.entries(CASES).map(([name, { job }]) => [name, job] as const),
  ...Object.entries(RIVALS),
  ['slow-consumer', slowConsumer],
]);
