import { getEventListeners } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import type { Observable } from 'rxjs';
import { CONSUMERS, type Consumer, type Ending } from './consumers.js';
import { writeCorpus } from './corpus.js';
import { holdings, leftovers, settledHoldings, startThreadPool } from './leftovers.js';
import { Run } from './run.js';
import { SOURCES } from './sources.js';
import { STAGES } from './stages.js';
import { createTrainer, train, TRAININGS } from './trainers.js';

/** The report to the parent process. */
export interface StopsReport {
  readonly runs: number;
  /** Each failure with its number, its parts and the fault. */
  readonly failures: readonly string[];
  /** The number of runs with each source, stage and way to stop. */
  readonly counts: Readonly<Record<string, number>>;
  /** How the pipelines ended. */
  readonly endings: Readonly<Record<Ending['how'], number>>;
}

const MOST_STAGES = 5;
/** A run takes some milliseconds. After this many ticks of 10 ms, it hangs. A busy machine has fewer ticks a second. */
const HANGS_AFTER = 3000;
const TICK_MS = 10;
/** One of this many runs trains a model. */
const ONE_TRAINS_OF = 4;

const [seed = 0, first = 0, end = 0] = process.argv.slice(2).map(Number);
const data = mkdtempSync(join(tmpdir(), 'millrace-stops-'));
const stray: string[] = [];
process.on('unhandledRejection', (reason) => stray.push(`an unhandled rejection: ${String(reason)}`));
process.on('uncaughtException', (error) => stray.push(`an uncaught exception: ${error.stack ?? String(error)}`));
process.on('warning', ({ name, message, code }: Error & { code?: string }) => {
  // Only the warnings about incomplete passes of cache and snapshot are expected.
  if (!/^MILLRACE_(CACHE|SNAPSHOT)_INCOMPLETE$/.test(code ?? '')) stray.push(`a warning: ${name}: ${message}`);
});

writeCorpus(data);
const trainer = await createTrainer();
const countTensors = () => trainer.tf.memory().numTensors;
await startThreadPool();
await settledHoldings(countTensors);
const failures: string[] = [];
const counts: Record<string, number> = {};
const endings = { completed: 0, stopped: 0, failed: 0 };
try {
  for (let number = first; number < end; number++) await runOne(number);
} finally {
  rmSync(data, { recursive: true });
}
const report: StopsReport = { runs: end - first, failures, counts, endings };
process.stdout.write(JSON.stringify(report));

async function runOne(number: number): Promise<void> {
  const run = new Run(seed, number, data);
  const before = holdings(countTensors);
  const wrong: string[] = [];
  const watch = watchForHang();
  try {
    const ending = await Promise.race([perform(run), watch.hang]);
    if (ending === 'hang') wrong.push('it has not ended');
    else {
      endings[ending.how]++;
      wrong.push(...faultsOf(run, ending));
    }
  } catch (error) {
    wrong.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
  } finally {
    watch.stop();
    await run.end();
  }
  wrong.push(...(await leftovers({ ...before, tensors: before.tensors + run.tensorsOfTfjs }, countTensors)));
  const listening = getEventListeners(run.abort.signal, 'abort').length;
  if (listening > 0) wrong.push(`${listening} listeners are left on the signal`);
  wrong.push(...stray.splice(0));
  if (wrong.length > 0) failures.push(`run ${number} of seed ${seed}: ${run.words.join(' | ')}: ${wrong.join('; ')}`);
  for (const word of new Set(run.words)) counts[word] = (counts[word] ?? 0) + 1;
}

function watchForHang() {
  let stop = (): void => undefined;
  const hang = new Promise<'hang'>((resolve) => {
    let ticks = 0;
    const ticking = setInterval(() => {
      if (++ticks === HANGS_AFTER) resolve('hang');
    }, TICK_MS);
    stop = () => clearInterval(ticking);
  });
  return { hang, stop };
}

async function perform(run: Run): Promise<Ending> {
  const records$ = await build(run);
  if (run.random(ONE_TRAINS_OF) === 0) {
    return train(run, trainer, { records$, training: run.pick(TRAININGS) });
  }
  const consumer: Consumer = run.pick(run.pick(CONSUMERS));
  return consumer(run, records$);
}

async function build(run: Run): Promise<Observable<Uint8Array>> {
  let records$ = run.pick(SOURCES)(run);
  await run.isReady;
  for (let left = run.random(MOST_STAGES); left > 0; left--) records$ = records$.pipe(run.pick(STAGES)(run));
  return records$;
}

/** Returns the faults of an ending. */
function faultsOf(run: Run, ending: Ending): string[] {
  // An endless training was closed from outside. The failed stage may wait for a source that never ends.
  if (ending.how === 'completed' && run.hasThrown && !run.wasClosed)
    return ['it completed, though something was thrown'];
  if (ending.how !== 'failed') return [];
  if (run.hasThrown && ending.error === run.boom) return [];
  if (run.abort.signal.aborted && ending.error === run.abort.signal.reason) return [];
  return [`it failed with ${String(ending.error)}`];
}
