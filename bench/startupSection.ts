import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { ratiosOf, readInPairs, type Pairs } from './pairs.js';
import { startPinned } from './processes.js';
import type { BenchContext, Result, Section } from './section.js';
import { median, round, spread } from './statistics.js';
import { atMost, type Target } from './targets.js';

/** Each start takes under a second, so there is time for more pairs than in other sections. */
const PAIRS_FACTOR = 3;

interface Start {
  readonly ms: number;
  readonly cpuMs: number;
}

interface Comparison {
  readonly ours: readonly string[];
  readonly theirs: readonly string[];
  readonly against: string;
  /** The target of a figure in milliseconds. */
  readonly target?: (figures: { readonly ms: number; readonly moreMs: number }) => Target;
}

const importing = (...packages: readonly string[]): string[] => [
  '--input-type=module',
  '--eval',
  packages.map((name) => `import '${name}';`).join(' '),
];

const NODE = ['--eval', '0'];
const HELP = ['dist/lib/main.js', '--help'];
const COMPARISONS: Readonly<Record<string, Comparison>> = {
  'start-import': {
    ours: importing('millrace'),
    theirs: importing('rxjs', 'zod'),
    against: 'import of rxjs and zod',
    target: ({ moreMs }) => atMost('more ms', moreMs, 60),
  },
  'start-import-node': { ours: importing('millrace'), theirs: NODE, against: 'node -e 0' },
  'start-help': { ours: HELP, theirs: NODE, against: 'node -e 0', target: ({ ms }) => atMost('ms', ms, 150) },
};

/** Compares whole processes, from the start to the exit. */
export const STARTUP_SECTION: Section = {
  title: 'Start of a process',
  method: ({ pairs }) => `pairs: ${pairs}; each reading: a process, after one as a warm-up`,
  pairs: (usual) => PAIRS_FACTOR * usual,
  columns: [
    ...['case', 'against', 'ms', 'theirs', 'more ms ↓', 'min–max', 'time ratio ↓'],
    ...['CPU ms', 'theirs', 'CPU ratio ↓'],
  ],
  measurements: Object.fromEntries(
    Object.entries(COMPARISONS).map(([name, comparison]) => [name, (context) => compare(name, comparison, context)]),
  ),
  isQuick: false,
};

async function compare(name: string, comparison: Comparison, context: BenchContext): Promise<Result> {
  const start = (args: readonly string[]) => () => startNode(args, context.cpus.reader);
  const [ours, theirs] = [start(comparison.ours), start(comparison.theirs)];
  // The first start reads the files from the disk.
  await ours();
  await theirs();
  const starts = await readInPairs({ ...context, ours, theirs });
  return resultOf(name, comparison, starts);
}

async function startNode(args: readonly string[], cpu: string): Promise<Start> {
  const startedAt = performance.now();
  const { stderr } = await startPinned(cpu, process.execPath, ['--require', './bench/cpuAtExit.cjs', ...args]).output;
  return { ms: performance.now() - startedAt, cpuMs: Number(stderr.split('\n').at(-1)) };
}

function resultOf(name: string, { against, target }: Comparison, starts: Pairs<Start>): Result {
  const more = ratiosOf(starts, (our, their) => our.ms - their.ms);
  const ratio = median(ratiosOf(starts, (our, their) => our.ms / their.ms));
  const cpuRatio = median(ratiosOf(starts, (our, their) => our.cpuMs / their.cpuMs));
  const medianOf = (side: readonly Start[], field: keyof Start): number =>
    Math.round(median(side.map((start) => start[field])));
  const { ours, theirs } = starts;
  const [ms, moreMs] = [medianOf(ours, 'ms'), Math.round(median(more))];
  return {
    json: {
      ...{ against, ms, theirMs: medianOf(theirs, 'ms') },
      ...{ moreMs, moreMsRange: spread(more, 0), timeRatio: round(ratio, 2) },
      ...{ cpuMs: medianOf(ours, 'cpuMs'), theirCpuMs: medianOf(theirs, 'cpuMs'), cpuRatio: round(cpuRatio, 2) },
    },
    cells: [
      ...[name, against, `${ms}`, `${medianOf(theirs, 'ms')}`, `${moreMs}`],
      ...[spread(more, 0), ratio.toFixed(2), `${medianOf(ours, 'cpuMs')}`, `${medianOf(theirs, 'cpuMs')}`],
      cpuRatio.toFixed(2),
    ],
    ...(target && { targets: [target({ ms, moreMs })] }),
  };
}
