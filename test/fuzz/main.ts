import { readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { pid, stderr, stdout } from 'node:process';
import { Command, InvalidArgumentError } from 'commander';
import { BlockCoverage } from './blockCoverage.js';
import { fuzz, runCase, type FuzzOptions, type FuzzReport } from './fuzz.js';
import type { FuzzTarget } from './fuzzTarget.js';
import { TARGETS } from './targets.js';
import { watch } from './watch.js';

/** The interval of the progress output. */
const PROGRESS_MS = 10_000;

const LONG_RUNS = 1_500_000;
const QUICK = { runs: 15_000, seconds: 25 };

interface Options {
  readonly quick: boolean;
  readonly runs?: number;
  readonly seconds?: number;
  readonly seed: number;
  readonly target?: readonly FuzzTarget[];
  readonly input?: string;
  readonly coverage: boolean;
  readonly json: boolean;
}

function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError('expected a positive number');
  return value;
}

function toTargets(names: string): readonly FuzzTarget[] {
  return names.split(',').map((name) => {
    const found = TARGETS.find((target) => target.name.toLowerCase() === name.toLowerCase());
    if (found) return found;
    throw new InvalidArgumentError(`expected some of ${TARGETS.map((target) => target.name).join(', ')}`);
  });
}

const program = new Command('npm run fuzz --')
  .description('Gives every reader and parser inputs that were made to break it, and compares with references.')
  .option('--quick', `at most ${QUICK.runs} inputs and ${QUICK.seconds} seconds in all, without coverage`, false)
  .option('--runs <n>', `how many inputs in all (default: ${LONG_RUNS})`, positive)
  .option('--seconds <n>', 'how long in all (default: no limit)', positive)
  .option('--seed <n>', 'what all choices are made from', Number, 1)
  .option('--target <names>', `some of ${TARGETS.map(({ name }) => name).join(', ')}`, toTargets)
  .option('--input <file>', 'give the target this input alone; the seed is then that of the case')
  .option('--no-coverage', 'choose inputs without looking at what code they run')
  .option('--json', 'print a report as JSON', false)
  .parse();

const options = program.opts<Options>();
process.exitCode = options.input === undefined ? await fuzzAll(options) : await replay(options.input, options);

async function replay(file: string, { target: [target] = [], seed }: Options): Promise<number> {
  if (!target) return program.error('--input needs a --target');
  const failed = await runCase(target, new Uint8Array(readFileSync(file)), seed);
  if (failed) stderr.write(`${target.name} fails: ${describe(failed.error)}\n`);
  else stdout.write(`${target.name} takes this input as it should.\n`);
  return failed ? 1 : 0;
}

async function fuzzAll({
  quick,
  seed,
  coverage,
  json,
  target: targets = TARGETS,
  ...limits
}: Options): Promise<number> {
  const runs = limits.runs ?? (quick ? QUICK.runs : limits.seconds === undefined ? LONG_RUNS : Infinity);
  const seconds = limits.seconds ?? (quick ? QUICK.seconds : Infinity);
  const total = targets.reduce((sum, { weight }) => sum + weight, 0);
  const reports: (FuzzReport & { readonly name: string })[] = [];
  stderr.write(`seed ${seed}\n`);
  for (const target of targets) {
    const share = target.weight / total;
    const command = `npm run fuzz -- --target ${target.name}`;
    const file = join(tmpdir(), `millrace-fuzz-${pid}-${target.name}.bin`);
    const watching = watch(file, command);
    const blocks = coverage && !quick ? new BlockCoverage() : undefined;
    blocks?.start();
    const report = await fuzz(target, {
      seed,
      runs: Math.ceil(runs * share),
      milliseconds: seconds * 1000 * share,
      coverage: blocks,
      onInput: withProgress(target.name, watching.onInput),
    });
    blocks?.stop();
    await watching.stop();
    reports.push({ name: target.name, ...report });
    stderr.write(`${line(target.name, report)}\n`);
    if (report.failure) tellFailure(report.failure, { file, command });
  }
  const sum = reports.reduce((count, report) => count + report.runs, 0);
  const failed = reports.filter(({ failure }) => failure).length;
  stdout.write(json ? `${JSON.stringify({ seed, runs: sum, failed, targets: reports.map(plain) })}\n` : '');
  stderr.write(`${sum} inputs, ${failed} of ${reports.length} targets failed\n`);
  return failed === 0 ? 0 : 1;
}

/** Prints the progress at this interval. */
function withProgress(name: string, onInput: FuzzOptions['onInput']): FuzzOptions['onInput'] {
  let runs = 0;
  let told = performance.now();
  return (input, caseSeed) => {
    onInput(input, caseSeed);
    runs++;
    if (runs % 64 !== 0 || performance.now() - told < PROGRESS_MS) return;
    told = performance.now();
    stderr.write(`${name}: ${runs} inputs so far\n`);
  };
}

function line(name: string, { runs, milliseconds, corpus, failure }: FuzzReport): string {
  const speed = Math.round((1000 * runs) / milliseconds);
  return `${name.padEnd(16)} ${String(runs).padStart(9)} inputs ${String(speed).padStart(7)}/s  corpus ${corpus}  ${failure ? 'FAILED' : 'sound'}`;
}

function plain({ name, runs, milliseconds, corpus, failure }: FuzzReport & { readonly name: string }): object {
  return { name, runs, milliseconds: Math.round(milliseconds), corpus, failed: failure !== undefined };
}

function tellFailure(
  { input, caseSeed, error }: NonNullable<FuzzReport['failure']>,
  { file, command }: { readonly file: string; readonly command: string },
): void {
  writeFileSync(file, input);
  stderr.write(`${describe(error)}\nThe smallest input that fails, ${input.length} bytes: ${file}\n`);
  if (input.length <= 200) stderr.write(`In base64: ${Buffer.from(input).toString('base64')}\n`);
  stderr.write(`Replay it:\n  ${command} --input ${file} --seed ${caseSeed}\n`);
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
