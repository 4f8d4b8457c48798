import { resultTable } from './resultTable.js';
import type { BenchContext, Result, Section } from './section.js';

export interface RunOptions {
  /** The names on the command line. If there are none, all measurements run. */
  readonly words: readonly string[];
  /** True to run only the sections with `isQuick` if there are no names. */
  readonly quick: boolean;
  readonly json: boolean;
  /** The number of pairs that the command line sets. */
  readonly pairs?: number | undefined;
  readonly output: RunOutput;
}

export interface RunOutput {
  /** Prints a table or a line of JSON. */
  readonly print: (text: string) => void;
  /** Prints a line before a table. */
  readonly announce: (text: string) => void;
  /** Prints why a measurement has no result. */
  readonly warn: (text: string) => void;
  /** Shows the current part of a measurement. An empty text clears the line. */
  readonly progress: (text: string) => void;
}

type RunContext = Omit<BenchContext, 'progress'>;

/**
 * Runs the selected measurements, and prints their results. A measurement that fails or lacks software does not stop
 * the others.
 *
 * @param context - with the usual number of pairs.
 * @returns the exit code: 1 if a measurement failed, or if a measurement was named but lacks software.
 */
export async function runSections(
  sections: readonly Section[],
  context: RunContext,
  options: RunOptions,
): Promise<number> {
  let exitCode = 0;
  for (const section of sections) {
    const names = namesToRun(section, options);
    if (names.length === 0) continue;
    const ready = withoutMissing(section, names, options.output.warn);
    if (options.words.length > 0 && ready.length < names.length) exitCode = 1;
    const pairs = options.pairs ?? section.pairs?.(context.pairs) ?? context.pairs;
    if (ready.length > 0 && !(await runSection(section, ready, { ...context, pairs }, options))) exitCode = 1;
  }
  return exitCode;
}

/**
 * Returns the measurements of a section that a word on the command line selects: the measurement of this name, or all
 * measurements of the section of this name, or all measurements whose names begin with the word and a hyphen.
 */
export function selectedBy(word: string, { name, measurements }: Section): string[] {
  if (Object.hasOwn(measurements, word)) return [word];
  return Object.keys(measurements).filter((each) => word === name || each.startsWith(`${word}-`));
}

function namesToRun(section: Section, { words, quick }: RunOptions): string[] {
  if (words.length === 0) return section.isQuick || !quick ? Object.keys(section.measurements) : [];
  return [...new Set(words.flatMap((word) => selectedBy(word, section)))];
}

/** Returns the measurements that lack no software, and says what the others lack. */
function withoutMissing({ missing }: Section, names: readonly string[], warn: RunOutput['warn']): string[] {
  const reasons = new Map(names.map((name) => [name, missing?.(name)]));
  const namesWith = (reason: string | undefined): string[] => names.filter((name) => reasons.get(name) === reason);
  for (const reason of new Set(reasons.values())) {
    if (reason !== undefined) warn(`Skipped ${namesWith(reason).join(', ')}: ${reason}`);
  }
  return namesWith(undefined);
}

/** Returns whether no measurement failed. */
async function runSection(
  section: Section,
  names: readonly string[],
  context: RunContext,
  { json, output }: RunOptions,
): Promise<boolean> {
  const method = section.method?.(context);
  output.announce(`\n${section.title}${method === undefined ? '' : `\n${method}`}`);
  const results: Result[] = [];
  for (const name of names) {
    let current = name;
    const progress = (part: string): void => output.progress((current = `${name}: ${part}`));
    try {
      const result = (await section.measurements[name]?.({ ...context, progress })) as Result;
      results.push(result);
      output.progress('');
      if (json) output.print(jsonOf(name, result));
    } catch (error) {
      output.progress('');
      output.warn(`FAILED ${current}: ${messageOf(error, context.folder)}`);
    }
  }
  if (!json && results.length > 0) output.print(tableOf(section, results));
  return results.length === names.length;
}

function jsonOf(name: string, { json, targets }: Result): string {
  const target = targets && {
    target: targets.map(({ text }) => text).join('; '),
    met: targets.every(({ isMet }) => isMet),
  };
  return JSON.stringify({ case: name, ...json, ...target });
}

function tableOf({ columns }: Section, results: readonly Result[]): string {
  const hasTargets = results.some(({ targets }) => targets !== undefined);
  const table = resultTable([...columns, ...(hasTargets ? ['target', 'met'] : [])]);
  for (const { cells, targets = [] } of results) {
    const texts = targets.map(({ text }) => text).join('\n');
    const met = targets.map(({ isMet }) => (isMet ? 'yes' : 'NO')).join('\n');
    table.push([...cells, ...(hasTargets ? [texts, met] : [])]);
  }
  const hasDirections = columns.some((column) => /[↑↓]$/.test(column));
  return `${table.toString()}${hasDirections ? '\n↑ higher is better, ↓ lower is better' : ''}`;
}

function messageOf(error: unknown, folder: string): string {
  if (!(error instanceof Error)) return String(error);
  return 'code' in error && error.code === 'ENOSPC' ? `${folder} is full: ${error.message}` : error.message;
}
