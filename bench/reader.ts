/** The process that is measured: warms up, then reads its input to the end and prints what that took. */
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { join } from 'node:path';
import { channel, fromFile } from 'millrace';
import { tap } from 'rxjs';
import type { Job, JobInput } from './job.js';
import { JOBS } from './jobs.js';

/** What the process is told, as JSON, in its only argument. */
export interface ReaderTask {
  readonly job: string;
  readonly input: ChannelInput | FilesInput;
  /** After how many bytes read the memory is looked at, again and again. Default: never. */
  readonly bytesPerSample?: number;
}

/** The tree of a training job with a channel `train` of one epoch to warm up with, where asked, and one to measure. */
export interface ChannelInput {
  readonly baseDir: string;
  readonly warmUp: boolean;
}

/** Two files: the one is read again and again to warm up, the other is measured. */
export interface FilesInput {
  readonly warmUpPath: string;
  readonly path: string;
}

/** How much memory the process held at some moment of the reading. */
export interface MemorySample {
  readonly seconds: number;
  readonly bytesRead: number;
  readonly rssBytes: number;
}

/** What the reading took, as JSON on standard output. */
export interface Reading {
  readonly records: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** Of the whole process, its start and its warm-up included. */
  readonly peakRssBytes: number;
  readonly samples: readonly MemorySample[];
}

/** After as long as this of reading files the code is compiled, whatever the speed of the job. */
const WARM_UP_MS = 2000;

const task = JSON.parse(process.argv[2] ?? '{}') as ReaderTask;
const work = JOBS.get(task.job);
if (!work) throw new Error(`no job ${task.job}`);

const measured = 'baseDir' in task.input ? await warmUpByEpoch(work, task.input) : await warmUpByFile(work, task.input);
console.log(JSON.stringify(await measure(work, measured)));

async function warmUpByEpoch(job: Job, { baseDir, warmUp }: ChannelInput): Promise<JobInput> {
  const bytes$ = channel('train', { baseDir });
  const pathOf = (epoch: number): string => join(baseDir, `input/data/train_${epoch}`);
  if (warmUp) await job({ bytes$, path: pathOf(0) });
  return { bytes$, path: pathOf(warmUp ? 1 : 0) };
}

async function warmUpByFile(job: Job, { warmUpPath, path }: FilesInput): Promise<JobInput> {
  const until = performance.now() + WARM_UP_MS;
  do await job({ bytes$: fromFile(warmUpPath), path: warmUpPath });
  while (performance.now() < until);
  return { bytes$: fromFile(path), path };
}

async function measure(job: Job, input: JobInput): Promise<Reading> {
  const samples: MemorySample[] = [];
  const cpuBefore = process.cpuUsage();
  const startedAt = performance.now();
  const records = await job(task.bytesPerSample === undefined ? input : sampled(input, task.bytesPerSample, samples));
  const seconds = (performance.now() - startedAt) / 1000;
  const { user, system } = process.cpuUsage(cpuBefore);
  const peakRssBytes = process.resourceUsage().maxRSS * 1024;
  return { records, seconds, cpuSeconds: (user + system) / 1e6, peakRssBytes, samples };
}

/** The same input, with a look at the memory after every so many bytes. */
function sampled(input: JobInput, bytesPerSample: number, samples: MemorySample[]): JobInput {
  const startedAt = performance.now();
  let bytesRead = 0;
  let sampleAt = 0;
  const look = tap((chunk: Uint8Array) => {
    bytesRead += chunk.byteLength;
    if (bytesRead < sampleAt) return;
    sampleAt += bytesPerSample;
    samples.push({ seconds: (performance.now() - startedAt) / 1000, bytesRead, rssBytes: process.memoryUsage.rss() });
  });
  return { ...input, bytes$: input.bytes$.pipe(look) };
}
