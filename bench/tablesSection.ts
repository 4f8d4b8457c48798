import { closeSync, fsyncSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { ratiosOf, readInPairs, type Pairs } from './pairs.js';
import type { Reading } from './reader.js';
import type { BenchContext, Result, Section } from './section.js';
import { startReader } from './startReader.js';
import { median, round, spread } from './statistics.js';
import { headerOf, TABLES, type TableCase } from './tableCases.js';
import { isInstalled, PACKAGES } from './tableRivals.js';

const ROWS = 400_000;
const WARM_UP_ROWS = 20_000;
const ROWS_PER_WRITE = 10_000;
/** The slow parsers would need a minute for more pairs. */
const MOST_PAIRS = 5;

/** The smallest acceptable ratios. */
const TARGETS: Readonly<Record<string, number>> = {
  'table-short udsv': 4,
  'table-long udsv': 4,
  'table-mixed udsv': 2,
  'table-short duckdb': 0.8,
  'table-long duckdb': 0.8,
};

/** Compares CSV parsers by the CPU time of whole processes, in turns. */
export const TABLES_SECTION: Section = {
  title: 'Tables: CSV files to columns, MB for each CPU second',
  columns: ['case', 'against', 'MB/CPU s', 'theirs', 'ratio', 'min–max', 'target'],
  measurements: Object.fromEntries(
    Object.entries(TABLES).flatMap(([name, table]) =>
      Object.keys(PACKAGES).map((rival) => {
        return [`${name}-${rival}`, (context: BenchContext) => compare({ name, table, rival }, context)] as const;
      }),
    ),
  ),
  isQuick: false,
};

interface Comparison {
  readonly name: string;
  readonly table: TableCase;
  readonly rival: string;
}

async function compare({ name, table, rival }: Comparison, context: BenchContext): Promise<Result> {
  if (!isInstalled(rival)) throw new Error(`${name}-${rival} needs ${PACKAGES[rival] ?? rival}: see bench/README.md.`);
  const input = { path: join(context.folder, 'measured.csv'), warmUpPath: join(context.folder, 'warm-up.csv') };
  try {
    writeTable(input.path, table, ROWS);
    writeTable(input.warmUpPath, table, WARM_UP_ROWS);
    const megabytes = statSync(input.path).size / 1e6;
    const rateOf = async (job: string): Promise<number> => {
      const { stdout } = await startReader({ job, input }, context.cpus.reader).output;
      const { records, cpuSeconds } = JSON.parse(stdout) as Reading;
      if (records !== ROWS) throw new Error(`${job}: expected ${ROWS} rows, found ${records}.`);
      return megabytes / cpuSeconds;
    };
    const rates = await readInPairs({
      pairs: Math.min(context.pairs, MOST_PAIRS),
      progress: context.progress,
      ours: () => rateOf(name),
      theirs: () => rateOf(`${name} ${rival}`),
    });
    return resultOf(name, rival, rates);
  } finally {
    for (const path of Object.values(input)) rmSync(path, { force: true });
  }
}

function resultOf(name: string, rival: string, rates: Pairs<number>): Result {
  const ratios = ratiosOf(rates, (our, their) => our / their);
  const [rate, theirRate] = [Math.round(median(rates.ours)), Math.round(median(rates.theirs))];
  const ratio = round(median(ratios), 2);
  const target = TARGETS[`${name} ${rival}`];
  return {
    json: { case: name, against: rival, megabytesPerCpuSecond: rate, theirMegabytesPerCpuSecond: theirRate, ratio },
    cells: [
      name,
      rival,
      `${rate}`,
      `${theirRate}`,
      `${ratio}`,
      spread(ratios, 2),
      target === undefined ? '' : `>= ${target}`,
    ],
  };
}

/** Writes a header and rows, and syncs the file, so that the disk is idle during the measurement. */
function writeTable(path: string, table: TableCase, rows: number): void {
  const file = openSync(path, 'w');
  try {
    writeSync(file, `${headerOf(table)}\n`);
    for (let start = 0; start < rows; start += ROWS_PER_WRITE) {
      const lines = Array.from({ length: Math.min(ROWS_PER_WRITE, rows - start) }, (_, at) => table.row(start + at));
      writeSync(file, `${lines.join('\n')}\n`);
    }
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
