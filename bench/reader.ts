/** The measured process: warms up, reads the input to the end, and prints the time and the memory. */
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { join } from 'node:path';
import { channel, fromFile } from 'millrace';
import { tap } from 'rxjs';
import type { Job, JobInput } from './job.js';
import { JOBS } from './jobs.js';

/** The argument of the process, as JSON. */
export interface ReaderTask {
  readonly job: string;
  readonly input: ChannelInput | FilesInput;
  /** The number of bytes between memory samples. Default: no samples. */
  readonly bytesPerSample?: number;
}

/** A training job with a channel `train`. If `warmUp` is set, the first epoch is the warm-up. */
export interface ChannelInput {
  readonly baseDir: string;
  readonly warmUp: boolean;
}

/** The measured file, and a file to read repeatedly as a warm-up. */
export interface FilesInput {
  readonly warmUpPath: string;
  readonly path: string;
}

export interface MemorySample {
  readonly seconds: number;
  readonly bytesRead: number;
  readonly rssBytes: number;
}

/** The JSON on standard output. */
export interface Reading {
  readonly records: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** The peak memory of the whole process, including the start and the warm-up. */
  readonly peakRssBytes: number;
  readonly samples: readonly MemorySample[];
}

/** The duration of the warm-up from files in milliseconds. It is long enough to compile the code of every job. */
const WARM_UP_MS = 2000;

const task = JSON.parse(process.argv[2] ?? '{}') as ReaderTask;
const work = JOBS.get(task.job);
if (!work) throw new Error(`There is no job ${task.job}. The jobs are: ${[...JOBS.keys()].join(', ')}.`);

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

function sampled(input: JobInput, bytesPerSample: number, samples: MemorySample[]): JobInput {
  const startedAt = performance.now();
  let bytesRead = 0;
  let sampleAt = 0;
  const takeSamples = tap((chunk: Uint8Array) => {
    bytesRead += chunk.byteLength;
    if (bytesRead < sampleAt) return;
    sampleAt += bytesPerSample;
    samples.push({ seconds: (performance.now() - startedAt) / 1000, bytesRead, rssBytes: process.memoryUsage.rss() });
  });
  return { ...input, bytes$: input.bytes$.pipe(takeSamples) };
}
