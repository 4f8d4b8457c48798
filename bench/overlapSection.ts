import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { inWorker, toAsyncIterable } from 'millrace';
import { prefetch } from 'millrace/operators';
import type { Observable } from 'rxjs';
import { CASES } from './cases.js';
import { withDataFiles } from './dataFile.js';
import { costly, spin } from './overlapPipeline.js';
import type { TrainingRates } from './trainInRounds.js';
import { run } from './processes.js';
import type { BenchContext, Result, Section } from './section.js';
import { median, round, spread } from './statistics.js';
import { atLeast } from './targets.js';

const STEP_MS = 20;
const STEPS = 100;
const DATA_BYTES = 8 * 1024 * 1024;
const MODULE = new URL('./overlapPipeline.js', import.meta.url);

/** Steps per second, for each pair. */
interface Rates {
  readonly fed: readonly number[];
  readonly reference: readonly number[];
}

export const OVERLAP_SECTION: Section = {
  title: 'Training never waits',
  method: ({ pairs }) => `pairs: ${pairs}; each reading: ${STEPS} steps (overlap-digits: a training)`,
  columns: ['case', 'against', 'steps/s', 'theirs', 'speed ratio ↑', 'min–max'],
  measurements: {
    'overlap-one-thread': (context) => feedSteps('overlap-one-thread', context, inOneThread),
    'overlap-worker': (context) => feedSteps('overlap-worker', context, inAWorker, 0.95),
    'overlap-digits': trainDigits,
  },
  isQuick: false,
};

type Feed = (path: string, measure: (batches$: Observable<unknown>) => Promise<void>) => Promise<void>;

async function inOneThread(...[path, measure]: Parameters<Feed>): Promise<void> {
  await measure(costly(path).pipe(prefetch(4)));
}

async function inAWorker(...[path, measure]: Parameters<Feed>): Promise<void> {
  const batches$ = inWorker<typeof costly>(MODULE, { exportName: 'costly', data: path });
  await measure(batches$);
  await batches$.close();
}

/**
 * Compares two loops of 20 ms steps: with batches from a pipeline (15 ms of work for each batch), and without a
 * pipeline.
 */
function feedSteps(name: string, context: BenchContext, feed: Feed, target?: number): Promise<Result> {
  const sizes = { byteLength: DATA_BYTES, warmUpByteLength: 0 };
  const { record } = CASES['example-readme'];
  return withDataFiles({ ...context, ...sizes, record }, async ({ measured }) => {
    const fed: number[] = [];
    const reference: number[] = [];
    await feed(measured.path, async (batches$) => {
      for (let pair = 0; pair < context.pairs; pair++) {
        context.progress(`pair ${pair + 1} of ${context.pairs}`);
        reference.push(stepsAlone());
        fed.push(await stepsFed(batches$));
      }
    });
    return ratesOf({ name, against: 'the step alone', target }, { fed, reference });
  });
}

function stepsAlone(): number {
  const startedAt = performance.now();
  for (let step = 0; step < STEPS; step++) spin(STEP_MS);
  return (STEPS * 1000) / (performance.now() - startedAt);
}

/** Starts the clock after the first batch, so that the start of the worker is not included. */
async function stepsFed(batches$: Observable<unknown>): Promise<number> {
  const batches = toAsyncIterable(batches$)[Symbol.asyncIterator]();
  await batches.next();
  const startedAt = performance.now();
  for (let step = 0; step < STEPS; step++) {
    spin(STEP_MS);
    const { done } = await batches.next();
    if (done) throw new Error(`The file ended at step ${step} of ${STEPS}.`);
  }
  const rate = (STEPS * 1000) / (performance.now() - startedAt);
  await batches.return?.();
  return rate;
}

/** Trains on the demo's job in a new process. The agent runs in another process. */
function trainDigits(context: BenchContext): Promise<Result> {
  return train(
    'overlap-digits',
    { job: pathOf('../../examples/digits/job.json'), script: './overlapTraining.js' },
    context,
  );
}

/** Runs a script that prints {@link TrainingRates} under the local agent. */
export async function train(
  name: string,
  { job, script }: { readonly job: string; readonly script: string },
  { pairs, progress }: BenchContext,
): Promise<Result> {
  progress(`${pairs} pairs of trainings`);
  const local = [pathOf('../lib/main.js'), 'local', job, '--'];
  const { stdout } = await run(process.execPath, [...local, process.execPath, pathOf(script), String(pairs)]);
  const line = stdout.split('\n').find((each) => each.startsWith('{'));
  if (line === undefined) throw new Error(`The training printed no line of JSON: ${stdout}`);
  const { worker, memory } = JSON.parse(line) as TrainingRates;
  const labels = { name, against: 'the same batches in memory', target: 0.97 };
  return ratesOf(labels, { fed: worker, reference: memory });
}

function pathOf(file: string): string {
  return fileURLToPath(new URL(file, import.meta.url));
}

interface Labels {
  readonly name: string;
  readonly against: string;
  readonly target: number | undefined;
}

function ratesOf({ name, against, target }: Labels, { fed, reference }: Rates): Result {
  const ratios = fed.map((rate, pair) => rate / (reference[pair] ?? NaN));
  const json = {
    against,
    stepsPerSecond: round(median(fed), 1),
    theirStepsPerSecond: round(median(reference), 1),
    speedRatio: round(median(ratios), 3),
    speedRatioRange: spread(ratios, 3),
  };
  return {
    json,
    cells: [name, ...Object.values(json).map(String)],
    ...(target !== undefined && { targets: [atLeast('speed ratio', json.speedRatio, target)] }),
  };
}
