import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { missingPackages, missingPythonModule, PYTHON } from './missingSoftware.js';
import { ratiosOf, readInPairs, type Pairs } from './pairs.js';
import { ARROW, PARQUET_CASES, PARQUET_RIVAL, PASSES, WASM, writeParquet } from './parquetCases.js';
import { startPinned, type Pinned } from './processes.js';
import type { FilesInput, Reading } from './reader.js';
import { readingOf } from './readingPairs.js';
import { atMostFivePairs, type BenchContext, type Result, type Section } from './section.js';
import { startReader } from './startReader.js';
import { median, round, spread } from './statistics.js';

const ROWS = 1_000_000;
const WARM_UP_ROWS = 70_000;

interface Rival {
  readonly missing: () => string | undefined;
  /** Starts a process that prints its reading. */
  readonly start: (name: string, input: FilesInput, cpu: string) => Pinned;
}

const RIVALS: Readonly<Record<string, Rival>> = {
  [PARQUET_RIVAL]: {
    missing: () => missingPackages([WASM, ARROW], ['parquet-wasm', ARROW]),
    start: (name, input, cpu) => startReader({ job: `${name} ${PARQUET_RIVAL}`, input }, cpu),
  },
  pyarrow: {
    missing: () => missingPythonModule('pyarrow'),
    start: (_, { warmUpPath, path }, cpu) =>
      startPinned(cpu, PYTHON, ['bench/readParquet.py', warmUpPath, path, `${PASSES}`]),
  },
};

/** Compares readers of Parquet by the CPU time and the time of whole processes, in turns. */
export const PARQUET_SECTION: Section = {
  title: 'Parquet: files to columns',
  method: ({ pairs }) => `pairs: ${pairs}; each reading: ${ROWS} rows, ${PASSES} times, after a warm-up of 2 s`,
  pairs: atMostFivePairs,
  missing: (measurement) =>
    Object.entries(RIVALS)
      .find(([rival]) => measurement.endsWith(`-${rival}`))?.[1]
      .missing(),
  columns: [
    ...['case', 'against', 'CPU s', 'theirs', 'CPU ratio ↓', 'min–max'],
    ...['s', 'theirs', 'time ratio ↓', 'min–max', 'peak RSS MB', 'theirs'],
  ],
  measurements: Object.fromEntries(
    Object.keys(PARQUET_CASES).flatMap((name) =>
      Object.keys(RIVALS).map((rival) => {
        return [`${name}-${rival}`, (context: BenchContext) => compare({ name, rival }, context)] as const;
      }),
    ),
  ),
  isQuick: false,
};

interface Comparison {
  readonly name: string;
  readonly rival: string;
}

async function compare({ name, rival }: Comparison, context: BenchContext): Promise<Result> {
  const input = { path: join(context.folder, 'measured.parquet'), warmUpPath: join(context.folder, 'warm-up.parquet') };
  const { start: startRival } = RIVALS[rival] as Rival;
  try {
    writeParquet(input.path, name, ROWS);
    writeParquet(input.warmUpPath, name, WARM_UP_ROWS);
    const { reader } = context.cpus;
    const rows = PASSES * ROWS;
    const readings = await readInPairs({
      ...context,
      ours: () => readingOf(name, startReader({ job: name, input }, reader).output, rows),
      theirs: () => readingOf(rival, startRival(name, input, reader).output, rows),
    });
    return resultOf({ name, rival }, statSync(input.path).size, readings);
  } finally {
    for (const path of Object.values(input)) rmSync(path, { force: true });
  }
}

function resultOf({ name, rival }: Comparison, byteLength: number, readings: Pairs<Reading>): Result {
  const { ours, theirs } = readings;
  const medianOf = (readings: readonly Reading[], field: 'seconds' | 'cpuSeconds' | 'peakRssBytes'): number =>
    median(readings.map((reading) => reading[field]));
  const ratioOf = (field: 'seconds' | 'cpuSeconds') => {
    const ratios = ratiosOf(readings, (our, their) => our[field] / their[field]);
    return { ratio: round(median(ratios), 2), range: spread(ratios, 2) };
  };
  const seconds = (readings: readonly Reading[], field: 'seconds' | 'cpuSeconds'): string =>
    medianOf(readings, field).toFixed(2);
  const megabytes = (readings: readonly Reading[]): number => Math.round(medianOf(readings, 'peakRssBytes') / 1e6);
  const [cpu, time] = [ratioOf('cpuSeconds'), ratioOf('seconds')];
  const measurement = `${name}-${rival}`;
  return {
    json: {
      ...{ against: rival, byteLength, cpuRatio: cpu.ratio, cpuRatioRange: cpu.range },
      ...{ timeRatio: time.ratio, timeRatioRange: time.range },
      ...{ cpuSeconds: medianOf(ours, 'cpuSeconds'), theirCpuSeconds: medianOf(theirs, 'cpuSeconds') },
      ...{ seconds: round(medianOf(ours, 'seconds'), 3), theirSeconds: round(medianOf(theirs, 'seconds'), 3) },
      ...{ peakRssMegabytes: megabytes(ours), theirPeakRssMegabytes: megabytes(theirs) },
    },
    cells: [
      ...[measurement, rival, seconds(ours, 'cpuSeconds'), seconds(theirs, 'cpuSeconds'), `${cpu.ratio}`, cpu.range],
      ...[seconds(ours, 'seconds'), seconds(theirs, 'seconds'), `${time.ratio}`, time.range],
      ...[`${megabytes(ours)}`, `${megabytes(theirs)}`],
    ],
  };
}
