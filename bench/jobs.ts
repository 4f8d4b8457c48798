import { CASES } from './cases.js';
import { FIFO_METHODS } from './fifoMethods.js';
import { IMAGE_JOBS } from './imageCases.js';
import type { Job } from './job.js';
import { OPTIONAL_RIVALS } from './optionalRivals.js';
import { PARQUET_JOBS } from './parquetCases.js';
import { RIVALS } from './rivals.js';
import { slowConsumer } from './slowConsumer.js';
import { TABLE_JOBS } from './tableCases.js';
import { TABLE_RIVAL_JOBS } from './tableRivals.js';
import { TF_DATA_JOBS } from './tfDataCases.js';

export const JOBS: ReadonlyMap<string, Job> = new Map([
  ...Object.entries(CASES).map(([name, { job }]) => [name, job] as const),
  ...Object.entries(RIVALS),
  ...Object.entries(OPTIONAL_RIVALS),
  ...Object.entries(TABLE_JOBS),
  ...Object.entries(TABLE_RIVAL_JOBS),
  ...Object.entries(PARQUET_JOBS),
  ...Object.entries(IMAGE_JOBS),
  ...Object.entries(TF_DATA_JOBS),
  ...Object.entries(FIFO_METHODS),
  ['slow-consumer', slowConsumer],
]);
