import { performance } from 'node:perf_hooks';
import { inWorker } from 'millrace';
import { count, lastValueFrom, type Observable } from 'rxjs';
import { CASES } from './cases.js';
import { withDataFiles } from './dataFile.js';
import type { BenchContext, Result, Section } from './section.js';
import { median, round, spread } from './statistics.js';
import type { transformed } from './threadsPipeline.js';

const DATA_BYTES = 8 * 1024 * 1024;
const MODULE = new URL('./threadsPipeline.js', import.meta.url);

interface Epoch {
  readonly batchesPerSecond: number;
  /** The share of the time in which this thread was not idle. */
  readonly mainBusy: number;
}

export const THREADS_SECTION: Section = {
  title: 'One pipeline in several threads',
  columns: ['case', 'batches/s', 'with one', 'speedup', 'min–max', 'main thread', 'target'],
  measurements: { 'threads-2': (context) => compareThreads(2, context) },
  isQuick: false,
};

/** Compares epochs with several threads and epochs with one thread. Neither includes the start of the threads. */
function compareThreads(workers: number, context: BenchContext): Promise<Result> {
  const sizes = { byteLength: DATA_BYTES, warmUpByteLength: 0 };
  const { record } = CASES['example-readme'];
  return withDataFiles({ ...context, ...sizes, record }, async ({ measured }) => {
    const start = (threads: number) =>
      inWorker<typeof transformed>(MODULE, { exportName: 'transformed', data: measured.path, workers: threads });
    await using one$ = start(1);
    await using many$ = start(workers);
    for (const batches$ of [one$, many$]) await readEpoch(batches$);
    const ones: Epoch[] = [];
    const manys: Epoch[] = [];
    for (let pair = 0; pair < context.pairs; pair++) {
      context.progress(`pair ${pair + 1} of ${context.pairs}`);
      ones.push(await readEpoch(one$));
      manys.push(await readEpoch(many$));
    }
    return resultOf(workers, ones, manys);
  });
}

async function readEpoch(batches$: Observable<unknown>): Promise<Epoch> {
  const before = performance.eventLoopUtilization();
  const startedAt = performance.now();
  const batches = await lastValueFrom(batches$.pipe(count()));
  const seconds = (performance.now() - startedAt) / 1000;
  return { batchesPerSecond: batches / seconds, mainBusy: performance.eventLoopUtilization(before).utilization };
}

function resultOf(workers: number, ones: readonly Epoch[], manys: readonly Epoch[]): Result {
  const speedOf = ({ batchesPerSecond }: Epoch): number => batchesPerSecond;
  const ratios = manys.map((many, pair) => many.batchesPerSecond / (ones[pair]?.batchesPerSecond ?? NaN));
  const [many, one, ratio] = [median(manys.map(speedOf)), median(ones.map(speedOf)), median(ratios)];
  const mainBusy = median(manys.map((epoch) => epoch.mainBusy));
  const target = 0.9 * workers;
  return {
    json: {
      case: `threads-${workers}`,
      batchesPerSecond: round(many, 1),
      batchesPerSecondWithOne: round(one, 1),
      speedup: round(ratio, 3),
      mainBusy: round(mainBusy, 4),
    },
    cells: [
      `threads-${workers}`,
      many.toFixed(1),
      one.toFixed(1),
      ratio.toFixed(3),
      spread(ratios, 3),
      `${(100 * mainBusy).toFixed(1)} %`,
      `>= ${target.toFixed(1)}`,
    ],
  };
}
