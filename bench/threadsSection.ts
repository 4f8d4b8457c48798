import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { indexRecords, inWorker } from 'millrace';
import { CASES } from './cases.js';
import { withDataFiles } from './dataFile.js';
import { ratiosOf, readInPairs, type Pairs } from './pairs.js';
import type { BenchContext, Result, Section } from './section.js';
import { median, round, spread } from './statistics.js';
import { atLeast } from './targets.js';
import type { sharded } from './threadsPipeline.js';

const DATA_BYTES = 8 * 1024 * 1024;
const BLOCK_BYTES = 32 * 1024;
const MODULE = new URL('./threadsPipeline.js', import.meta.url);

interface Epoch {
  readonly examplesPerSecond: number;
  /** CPU time of all threads. */
  readonly cpuSeconds: number;
  /** CPU time of the main thread. */
  readonly mainCpuSeconds: number;
}

export const THREADS_SECTION: Section = {
  title: 'One pipeline in several threads',
  method: ({ pairs }) =>
    `pairs: ${pairs}; each reading: an epoch of ${DATA_BYTES / 2 ** 20} MiB, after one as a warm-up`,
  columns: ['case', 'examples/s', 'with one', 'speedup ↑', 'min–max', 'CPU ratio ↓', 'main thread'],
  measurements: {
    'threads-2': (context) => compareThreads('threads-2', 'sharded', context),
    'threads-2-lanes': (context) => compareThreads('threads-2-lanes', 'owned', context),
  },
  isQuick: false,
};

/** Compares epochs with two threads and epochs with one thread. Neither includes the start of the threads. */
function compareThreads(name: string, exportName: string, context: BenchContext): Promise<Result> {
  const sizes = { byteLength: DATA_BYTES, warmUpByteLength: 0 };
  const { record } = CASES['example-readme'];
  return withDataFiles({ ...context, ...sizes, record }, async ({ measured: { path } }) => {
    const index = await indexRecords(path, { recordFormat: 'TFRecord', blockBytes: BLOCK_BYTES });
    const start = (workers: number) => inWorker<typeof sharded>(MODULE, { exportName, data: { path, index }, workers });
    await using one$ = start(1);
    await using two$ = start(2);
    for (const batches$ of [one$, two$]) await readEpoch(batches$);
    const { pairs, progress } = context;
    const [ours, theirs] = [() => readEpoch(two$), () => readEpoch(one$)];
    return resultOf(name, await readInPairs({ pairs, progress, ours, theirs }));
  });
}

async function readEpoch(batches$: ReturnType<typeof sharded>): Promise<Epoch> {
  const mainBefore = mainCpuSeconds();
  const cpuBefore = process.cpuUsage();
  const startedAt = performance.now();
  let examples = 0;
  await batches$.forEach(({ labels }) => (examples += labels.shape[0] ?? 0));
  const seconds = (performance.now() - startedAt) / 1000;
  const { user, system } = process.cpuUsage(cpuBefore);
  return {
    examplesPerSecond: examples / seconds,
    cpuSeconds: (user + system) / 1e6,
    mainCpuSeconds: mainCpuSeconds() - mainBefore,
  };
}

/** @see https://docs.kernel.org/scheduler/sched-stats.html (the first field: CPU time in nanoseconds) */
function mainCpuSeconds(): number {
  return Number(readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ')[0]) / 1e9;
}

function resultOf(name: string, epochs: Pairs<Epoch>): Result {
  const { ours: twos, theirs: ones } = epochs;
  const speedOf = ({ examplesPerSecond }: Epoch): number => examplesPerSecond;
  const ratios = ratiosOf(epochs, (two, one) => two.examplesPerSecond / one.examplesPerSecond);
  const [two, one, ratio] = [median(twos.map(speedOf)), median(ones.map(speedOf)), median(ratios)];
  const cpuRatio = median(ratiosOf(epochs, (two, one) => two.cpuSeconds / one.cpuSeconds));
  const mainShare = median(twos.map((epoch) => epoch.mainCpuSeconds / epoch.cpuSeconds));
  return {
    json: {
      examplesPerSecond: round(two, 0),
      examplesPerSecondWithOne: round(one, 0),
      speedup: round(ratio, 3),
      speedupRange: spread(ratios, 3),
      cpuRatio: round(cpuRatio, 3),
      mainCpuShare: round(mainShare, 4),
    },
    cells: [
      name,
      two.toFixed(0),
      one.toFixed(0),
      ratio.toFixed(3),
      spread(ratios, 3),
      cpuRatio.toFixed(2),
      `${(100 * mainShare).toFixed(1)} %`,
    ],
    targets: [atLeast('speedup', round(ratio, 3), 1.8)],
  };
}
