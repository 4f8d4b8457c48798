/** The process that is measured: warms up with a short input, then reads a long one and prints what that took. */
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { join } from 'node:path';
import { channel } from 'millrace';
import type { Job, JobInput } from './job.js';
import { JOBS } from './jobs.js';

/** What the process is told, as JSON, in its only argument. */
export interface ReaderTask {
  readonly job: string;
  /** The tree of a training job whose channel `train` has two epochs: to warm up with, and to be measured on. */
  readonly baseDir: string;
}

/** What the reading took, as JSON on standard output. */
export interface Reading {
  readonly records: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** Of the whole process, its start and its warm-up included. */
  readonly peakRssBytes: number;
}

const task = JSON.parse(process.argv[2] ?? '{}') as ReaderTask;
const work = JOBS.get(task.job);
if (!work) throw new Error(`no job ${task.job}`);

await work(epoch(0));
console.log(JSON.stringify(await measure(work, epoch(1))));

function epoch(number: number): JobInput {
  const { baseDir } = task;
  return { bytes$: channel('train', { baseDir }), path: join(baseDir, `input/data/train_${number}`) };
}

async function measure(job: Job, input: JobInput): Promise<Reading> {
  const cpuBefore = process.cpuUsage();
  const startedAt = performance.now();
  const records = await job(input);
  const seconds = (performance.now() - startedAt) / 1000;
  const { user, system } = process.cpuUsage(cpuBefore);
  return { records, seconds, cpuSeconds: (user + system) / 1e6, peakRssBytes: process.resourceUsage().maxRSS * 1024 };
}
