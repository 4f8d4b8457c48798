import { randomInt } from 'node:crypto';
import { readdirSync, readlinkSync } from 'node:fs';
import { constants } from 'node:os';
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { Command, InvalidArgumentError } from 'commander';
import type { Ledger } from './ledger.js';
import { MemoryTrend, type MemoryFigures } from './memoryTrend.js';
import { soak } from './soak.js';
import { startWriter } from './startWriter.js';

const GIBIBYTE = 2 ** 30;
const DEFAULT_GIB = 50;
const WARM_UP_GIB = 2;
const SAMPLE_GIB = 1 / 64;
const PROGRESS_MS = 5_000;

/**
 * The limits for flat memory. The line of best fit must rise by less than `slope` MiB per GiB, or by less than `rise`
 * MiB in total.
 */
const FLAT = { slope: 1, rise: 64 };

const program = new Command('soak')
  .description('Reads two channels through FIFOs, zipped and shuffled, and checks every record of every epoch.')
  .option('--gib <n>', `stop after n GiB of records; default, if --minutes is not set: ${DEFAULT_GIB}`, parsePositive)
  .option('--minutes <n>', 'stop after n minutes', parsePositive)
  .option('--seed <n>', 'the seed of all choices; default: random', parseSeed, randomInt(2 ** 32))
  .option('--json', 'print the result as one line of JSON', false)
  .parse();
const { gib, minutes = Infinity, seed, json } = program.opts<Flags>();
const enoughGib = gib ?? (minutes === Infinity ? DEFAULT_GIB : Infinity);

interface Flags {
  readonly gib?: number;
  readonly minutes?: number;
  readonly seed: number;
  readonly json: boolean;
}

const descriptors = descriptorsByTarget();
const trend = new MemoryTrend();
const startedAt = performance.now();
let sampledAt = WARM_UP_GIB;
let reportedAt = 0;

let isInterrupted = false;
// After a signal, the run prints the result and removes the files.
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    isInterrupted = true;
    process.exitCode = 128 + constants.signals[signal];
  });
}

process.stderr.write(`soak --seed ${seed}\n`);
const writer = await startWriter(seed);
let ledger: Ledger;
try {
  ledger = await soak({ seed, writer, onBatch });
} finally {
  await writer.stop();
}
const { pairs, bytes, epochs, cuts } = ledger.totals;
const seconds = (performance.now() - startedAt) / 1000;
const left = descriptorsByTarget().filter((target) => !descriptors.includes(target));
const memory = trend.figures;
const isFlat = memory.slope < FLAT.slope || memory.rise < FLAT.rise;
const result = { seed, gib: bytes / GIBIBYTE, seconds, epochs, cuts, records: 2 * pairs, memory, isFlat, left };
console.log(json ? JSON.stringify(result) : describe(result));
if (!isFlat || left.length > 0) process.exitCode = 1;

function onBatch({ totals }: Ledger): 'go on' | 'enough' {
  const now = performance.now() - startedAt;
  const passed = totals.bytes / GIBIBYTE;
  if (passed - sampledAt >= SAMPLE_GIB) {
    sampledAt = passed;
    trend.add(passed, process.memoryUsage.rss());
  }
  if (now - reportedAt >= PROGRESS_MS) {
    reportedAt = now;
    const mbPerSecond = totals.bytes / now / 1000;
    const rss = process.memoryUsage.rss() / 2 ** 20;
    process.stderr.write(
      `${passed.toFixed(2)} GiB, ${mbPerSecond.toFixed(0)} MB/s, ${totals.epochs} epochs, RSS ${rss.toFixed(0)} MiB, ` +
        `slope ${trend.figures.slope.toFixed(2)} MiB per GiB\n`,
    );
  }
  return isInterrupted || passed >= enoughGib || now >= minutes * 60_000 ? 'enough' : 'go on';
}

function describe({ gib: passed, ...figures }: typeof result): string {
  const rate = (passed * GIBIBYTE) / figures.seconds / 1e6;
  return [
    `${figures.records} records in ${figures.epochs} epochs (${figures.cuts} epochs ended early): each arrived ` +
      `exactly as often as expected, ${passed.toFixed(2)} GiB in ${figures.seconds.toFixed(0)} s, ` +
      `${rate.toFixed(0)} MB/s`,
    describeMemory(figures.memory, figures.isFlat),
    figures.left.length === 0 ? 'all descriptors are closed' : `still open: ${figures.left.join(', ')}`,
  ].join('\n');
}

function describeMemory({ samples, slope, rise, minMib, maxMib }: MemoryFigures, flat: boolean): string {
  if (samples === 0) return `RSS was not measured: the first ${WARM_UP_GIB} GiB do not count`;
  const verdict = flat ? 'flat' : `NOT FLAT: the limit is ${FLAT.slope} MiB per GiB, or ${FLAT.rise} MiB in total`;
  return (
    `RSS rises by ${slope.toFixed(3)} MiB per GiB, ${rise.toFixed(1)} MiB in total (${samples} samples between ` +
    `${minMib.toFixed(0)} and ${maxMib.toFixed(0)} MiB, least squares): ${verdict}`
  );
}

function descriptorsByTarget(): string[] {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/self/fd/${fd}`)];
    } catch {
      return []; // This descriptor listed the folder, and is closed now.
    }
  });
}

function parsePositive(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value > 0 && Number.isFinite(value)) return value;
  throw new InvalidArgumentError('Expected a positive number.');
}

function parseSeed(text: string): number {
  if (/^\d{1,10}$/.test(text) && Number(text) < 2 ** 32) return Number(text);
  throw new InvalidArgumentError('Expected an integer from 0 to 2^32 - 1.');
}
