import { spawn } from 'node:child_process';
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import Table from 'cli-table3';
import { inWorker, toAsyncIterable } from 'millrace';
import { prefetch } from 'millrace/operators';
import type { Observable } from 'rxjs';
import { dataFile } from './dataFile.js';
import { costly, spin } from './overlapPipeline.js';

/** What one way of feeding a training step comes to, beside another. */
export interface OverlapResult {
  readonly case: string;
  readonly stepsPerSecond: number;
  readonly against: string;
  /** Its steps a second by those of the other, as the median of the pairs. */
  readonly ratio: number;
}

const STEP_MS = 20;
const STEPS = 100;
const PAIRS = 3;
const DATA_BYTES = 8 * 1024 * 1024;
const MODULE = new URL('./overlapPipeline.js', import.meta.url);

/**
 * A step that blocks the thread for 20 ms, fed by a pipeline that costs 15 ms a batch: alone, in one thread, and with the
 * pipeline in a worker; then the demo's training from FIFOs through a worker, beside the same batches in memory.
 */
export async function* measureOverlap(): AsyncGenerator<OverlapResult> {
  const { path } = dataFile('example-readme', DATA_BYTES);
  const inOneThread$ = costly(path).pipe(prefetch(4));
  const inWorker$ = inWorker<typeof costly>(MODULE, { exportName: 'costly', data: path });
  const rates: { alone: number; oneThread: number; worker: number }[] = [];
  for (let pair = 0; pair < PAIRS; pair++) {
    rates.push({ alone: stepsAlone(), oneThread: await steps(inOneThread$), worker: await steps(inWorker$) });
  }
  await inWorker$.close();
  const against = 'the step alone';
  yield {
    case: 'overlap-one-thread',
    stepsPerSecond: median(rates.map(({ oneThread }) => oneThread)),
    against,
    ratio: median(rates.map(({ oneThread, alone }) => oneThread / alone)),
  };
  yield {
    case: 'overlap-worker',
    stepsPerSecond: median(rates.map(({ worker }) => worker)),
    against,
    ratio: median(rates.map(({ worker, alone }) => worker / alone)),
  };
  const { memory, worker } = await trainDigits();
  yield {
    case: 'overlap-digits',
    stepsPerSecond: median(worker),
    against: 'the same batches in memory',
    ratio: median(worker.map((rate, round) => rate / (memory[round] ?? NaN))),
  };
}

/** Steps a second where nothing has to be fed. */
function stepsAlone(): number {
  const startedAt = performance.now();
  for (let step = 0; step < STEPS; step++) spin(STEP_MS);
  return (STEPS * 1000) / (performance.now() - startedAt);
}

/** Steps a second from the first batch on, so without the start of the worker. */
async function steps(batches$: Observable<unknown>): Promise<number> {
  const batches = toAsyncIterable(batches$)[Symbol.asyncIterator]();
  await batches.next();
  const startedAt = performance.now();
  for (let step = 0; step < STEPS; step++) {
    spin(STEP_MS);
    const { done } = await batches.next();
    if (done) throw new Error(`the file has ended at step ${step}`);
  }
  const rate = (STEPS * 1000) / (performance.now() - startedAt);
  await batches.return?.();
  return rate;
}

/** Has the demo's job trained on in a process of its own; the agent that feeds it is another. */
async function trainDigits(): Promise<{ readonly memory: number[]; readonly worker: number[] }> {
  const pathOf = (file: string): string => fileURLToPath(new URL(file, import.meta.url));
  const training = [process.execPath, '--import', 'tsx', pathOf('overlapTraining.ts')];
  const local = [pathOf('../dist/src/cli/main.js'), 'local', pathOf('../examples/digits/job.json'), '--', ...training];
  const child = spawn(process.execPath, local, { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = (await text(child.stdout)).split('\n');
  const result = lines.find((line) => line.startsWith('{'));
  if (result === undefined) throw new Error(`the training said ${lines.join('\n')}`);
  return JSON.parse(result) as { memory: number[]; worker: number[] };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return Number((sorted[sorted.length >> 1] ?? NaN).toFixed(3));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const table = new Table({ head: ['case', 'steps/s', 'ratio', 'to'], style: { head: [], border: [] } });
  for await (const result of measureOverlap()) {
    if (process.argv.includes('--json')) console.log(JSON.stringify(result));
    else table.push([result.case, result.stepsPerSecond.toFixed(1), result.ratio.toFixed(3), result.against]);
  }
  if (table.length > 0) console.log(table.toString());
}
