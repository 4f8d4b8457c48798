import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { writeSynced } from './dataFile.js';
import { missingPackages } from './missingSoftware.js';
import { ratiosOf, readInPairs, type Pairs } from './pairs.js';
import { readingOf } from './readingPairs.js';
import { atMostFivePairs, type BenchContext, type Result, type Section } from './section.js';
import { startReader } from './startReader.js';
import { median, round, spread } from './statistics.js';
import { headerOf, TABLES, type TableCase } from './tableCases.js';
import { PACKAGES } from './tableRivals.js';
import { atLeast } from './targets.js';

const ROWS = 400_000;
const WARM_UP_ROWS = 20_000;
const ROWS_PER_PIECE = 10_000;

/** The smallest acceptable ratios. */
const TARGETS: Readonly<Record<string, number>> = {
  'table-short-udsv': 4,
  'table-long-udsv': 4,
  'table-mixed-udsv': 2,
  'table-short-duckdb': 0.8,
  'table-long-duckdb': 0.8,
};

/** Compares CSV parsers by the CPU time of whole processes, in turns. */
export const TABLES_SECTION: Section = {
  title: 'Tables: CSV files to columns, MB for each CPU second',
  method: ({ pairs }) => `pairs: ${pairs}; each reading: ${ROWS} rows, after a warm-up of 2 s`,
  pairs: atMostFivePairs,
  missing: (measurement) => {
    const [, packageName] = Object.entries(PACKAGES).find(([rival]) => measurement.endsWith(`-${rival}`)) ?? [];
    return packageName === undefined ? undefined : missingPackages([packageName], Object.values(PACKAGES));
  },
  columns: ['case', 'against', 'MB/CPU s', 'theirs', 'speed ratio ↑', 'min–max'],
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
  const input = { path: join(context.folder, 'measured.csv'), warmUpPath: join(context.folder, 'warm-up.csv') };
  try {
    writeTable(input.path, table, ROWS);
    writeTable(input.warmUpPath, table, WARM_UP_ROWS);
    const megabytes = statSync(input.path).size / 1e6;
    const rateOf = async (job: string): Promise<number> => {
      const { cpuSeconds } = await readingOf(job, startReader({ job, input }, context.cpus.reader).output, ROWS);
      return megabytes / cpuSeconds;
    };
    const [ours, theirs] = [() => rateOf(name), () => rateOf(`${name} ${rival}`)];
    return resultOf(`${name}-${rival}`, rival, await readInPairs({ ...context, ours, theirs }));
  } finally {
    for (const path of Object.values(input)) rmSync(path, { force: true });
  }
}

function resultOf(name: string, rival: string, rates: Pairs<number>): Result {
  const ratios = ratiosOf(rates, (our, their) => our / their);
  const [rate, theirRate] = [Math.round(median(rates.ours)), Math.round(median(rates.theirs))];
  const [speedRatio, speedRatioRange] = [round(median(ratios), 2), spread(ratios, 2)];
  const target = TARGETS[name];
  return {
    json: {
      ...{ against: rival, megabytesPerCpuSecond: rate, theirMegabytesPerCpuSecond: theirRate },
      ...{ speedRatio, speedRatioRange },
    },
    cells: [name, rival, `${rate}`, `${theirRate}`, `${speedRatio}`, speedRatioRange],
    ...(target !== undefined && { targets: [atLeast('speed ratio', speedRatio, target)] }),
  };
}

/** Writes a header and rows. */
function writeTable(path: string, table: TableCase, rows: number): void {
  const pieces = [Buffer.from(`${headerOf(table)}\n`)];
  for (let start = 0; start < rows; start += ROWS_PER_PIECE) {
    const lines = Array.from({ length: Math.min(ROWS_PER_PIECE, rows - start) }, (_, at) => table.row(start + at));
    pieces.push(Buffer.from(`${lines.join('\n')}\n`));
  }
  writeSynced(path, pieces);
}
