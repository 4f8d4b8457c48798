import { constants } from 'node:os';
import { resolve } from 'node:path';
import { catchStopSignals } from '../../base/catchStopSignals.js';
import { ConfigError } from '../../base/errors.js';
import { prefixMessage } from '../../pipeline/declared/placeErrors.js';
import { LinePrinter } from '../linePrinter.js';
import { reportError, type ErrorFlags } from '../reportError.js';
import { describeName } from './describeValue.js';
import { findInputs, type InputFailure } from './findInputs.js';
import { Inspection, type InspectFlags } from './inspection.js';
import type { PageSet } from './page/dataFacts.js';
import { writeDataPage } from './page/writeDataPage.js';
import type { ParquetSurvey } from './parquetSurvey.js';
import type { Survey } from './survey.js';

export async function inspectInputs(patterns: readonly string[], flags: InspectFlags): Promise<void> {
  requirePage(flags);
  const stop = new AbortController();
  let hasInputs = false;
  // If the output cannot be written, reading is useless.
  const printer = new LinePrinter(() => {
    stop.abort();
  });
  const signals = catchStopSignals();
  signals.stopOnce((signal) => {
    process.exitCode = 128 + constants.signals[signal];
    stop.abort();
    // Does not wait for a server, or for the search for credentials.
    if (!hasInputs) process.exit();
  });
  try {
    const sides = await Promise.all([patterns, ...(flags.against ? [flags.against] : [])].map(findSide));
    hasInputs = true;
    refuseInputAsPage(flags, sides);
    const sets: PageSet[] = [];
    for (const { inputs, failures, ...of } of sides) {
      const isFirst = sets.length === 0;
      const options = { printer, signal: stop.signal, failures };
      const inspection = new Inspection(inputs, isFirst ? flags : { ...flags, head: 0 }, options);
      for (const input of inputs) await inspection.read(input);
      if (isFirst) inspection.report(of);
      inspection.end();
      sets.push({ sources: flags.page === undefined ? [] : inspection.pageSources, inputs: of });
    }
    const { page, label = '' } = flags;
    const hasLabel = page === undefined || (await writeDataPage(page, sets, flags.label));
    await printer.end();
    const isOnly = sides.reduce((sum, { count }) => sum + count, 0) === 1;
    throwFailures(
      sides.flatMap(({ failures }) => failures),
      { ...flags, isOnly },
    );
    if (hasLabel) return;
    const message = `--label ${label}: no feature has this name and repeated values, so the page has no class balance`;
    throw new ConfigError(message, { path: 'label' });
  } finally {
    signals.release();
  }
}

function refuseInputAsPage({ page }: InspectFlags, sides: readonly Awaited<ReturnType<typeof findSide>>[]): void {
  if (page === undefined) return;
  const isInput = sides.some(({ inputs }) => inputs.some(({ path }) => resolve(path) === resolve(page)));
  if (isInput) throw new ConfigError(`--page ${page}: this file is an input. Use a different file`, { path: 'page' });
}

async function findSide(patterns: readonly string[]) {
  const failures: InputFailure[] = [];
  const inputs = await findInputs(patterns, (failure) => failures.push(failure));
  return { patterns, inputs, failures, count: inputs.length + failures.length };
}

function requirePage({ page, against, sample, label }: InspectFlags): void {
  const given = { '--against': against, '--sample': sample, '--label': label };
  const [option] = Object.entries(given).find(([, value]) => value !== undefined) ?? [];
  if (option === undefined || page !== undefined) return;
  throw new ConfigError(`${option} needs a page: add --page data.html`, { path: 'page' });
}

export interface SurveyedFiles {
  /** The surveys, one for each format, in the order of the files. */
  readonly surveys: readonly (Survey | ParquetSurvey)[];
  /** The files that cannot be read. */
  readonly failures: readonly InputFailure[];
}

/** Reads all inputs, but only the footers of Parquet files. Throws if nothing matches a pattern. */
export async function surveyFiles(
  patterns: readonly string[],
  { json, quiet }: Pick<InspectFlags, 'json' | 'quiet'>,
): Promise<SurveyedFiles> {
  const { signal } = new AbortController();
  const inputs = await findInputs(patterns);
  const printer = new LinePrinter();
  const failures: InputFailure[] = [];
  const flags = { ...(json && { json }), ...(quiet && { quiet }), head: 0 };
  const inspection = new Inspection(inputs, flags, { printer, signal, failures });
  for (const input of inputs) await inspection.read(input);
  inspection.clearProgress();
  return { surveys: [...inspection.surveys, ...inspection.parquet], failures };
}

export function throwFailures(
  failures: readonly InputFailure[],
  flags: ErrorFlags & { readonly isOnly: boolean },
): void {
  for (const { path, error } of failures) {
    // Some messages already contain the name.
    const isNamed = path === '-' || (error instanceof Error && error.message.includes(path));
    if (!isNamed) prefixMessage(error, describeName(path));
    if (flags.isOnly) throw error;
    reportError(error, flags);
  }
  if (failures.length > 0) process.exitCode = 1;
}
