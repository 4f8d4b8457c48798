import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ratiosOf, readInPairs, type Pairs } from './pairs.js';
import { PARQUET_CASES, PARQUET_RIVAL, PASSES, requireParquetRival, writeParquet } from './parquetCases.js';
import { PYTHON } from './python.js';
import { startPinned, type Pinned } from './processes.js';
import type { FilesInput, Reading } from './reader.js';
import type { BenchContext, Result, Section } from './section.js';
import { startReader } from './startReader.js';
import { median, round, spread } from './statistics.js';

const ROWS = 1_000_000;
const WARM_UP_ROWS = 70_000;
const PAIRS = 5;

/** Each function starts a process that prints its reading. */
const RIVALS: Readonly<Record<string, (name: string, input: FilesInput, cpu: string) => Pinned>> = {
  [PARQUET_RIVAL]: (name, input, cpu) => {
    requireParquetRival();
    return startReader({ job: `${name} ${PARQUET_RIVAL}`, input }, cpu);
  },
  pyarrow: (_, { warmUpPath, path }, cpu) =>
    startPinned(cpu, PYTHON, ['bench/readParquet.py', warmUpPath, path, `${PASSES}`]),
};

/** Compares readers of Parquet by the CPU time and the time of whole processes, in turns. */
export const PARQUET_SECTION: Section = {
  title: 'Parquet: files to columns',
  columns: [
    'case',
    'against',
    'CPU s',
    'theirs',
    'CPU ratio',
    'min–max',
    's',
    'theirs',
    'ratio',
    'peak RSS MB',
    'theirs',
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
  try {
    writeParquet(input.path, name, ROWS);
    writeParquet(input.warmUpPath, name, WARM_UP_ROWS);
    const { reader } = context.cpus;
    const readingOf = async (who: string, { output }: Pinned): Promise<Reading> => {
      const reading = JSON.parse((await output).stdout) as Reading;
      const expected = PASSES * ROWS;
      if (reading.records !== expected) throw new Error(`${who}: expected ${expected} rows, found ${reading.records}.`);
      return reading;
    };
    const startRival = RIVALS[rival] as (typeof RIVALS)[string];
    const readings = await readInPairs({
      pairs: PAIRS,
      progress: context.progress,
      ours: () => readingOf(name, startReader({ job: name, input }, reader)),
      theirs: () => readingOf(rival, startRival(name, input, reader)),
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
  const ratiosOfField = (field: 'seconds' | 'cpuSeconds'): number[] =>
    ratiosOf(readings, (our, their) => our[field] / their[field]);
  const seconds = (readings: readonly Reading[], field: 'seconds' | 'cpuSeconds'): string =>
    medianOf(readings, field).toFixed(2);
  const megabytes = (readings: readonly Reading[]): number => Math.round(medianOf(readings, 'peakRssBytes') / 1e6);
  const [cpuRatio, ratio] = [round(median(ratiosOfField('cpuSeconds')), 2), round(median(ratiosOfField('seconds')), 2)];
  return {
    json: {
      ...{ case: name, against: rival, byteLength, cpuRatio, ratio },
      ...{ cpuSeconds: medianOf(ours, 'cpuSeconds'), theirCpuSeconds: medianOf(theirs, 'cpuSeconds') },
      ...{ peakMegabytes: megabytes(ours), theirPeakMegabytes: megabytes(theirs) },
    },
    cells: [
      ...[name, rival, seconds(ours, 'cpuSeconds'), seconds(theirs, 'cpuSeconds'), `${cpuRatio}`],
      ...[spread(ratiosOfField('cpuSeconds'), 2), seconds(ours, 'seconds'), seconds(theirs, 'seconds'), `${ratio}`],
      ...[`${megabytes(ours)}`, `${megabytes(theirs)}`],
    ],
  };
}
