import { constants } from 'node:os';
import process from 'node:process';
import { take } from 'rxjs';
import { catchStopSignals } from '../../base/catchStopSignals.js';
import { prefixMessage } from '../../pipeline/declared/placeErrors.js';
import { LinePrinter } from '../linePrinter.js';
import { recordPlace } from './content.js';
import { describeName } from './describeValue.js';
import { FileHead } from './fileHead.js';
import { findInputs, type FoundInput, type InputFailure } from './findInputs.js';
import { Progress } from '../progress.js';
import { reportError, type ErrorFlags } from '../reportError.js';
import { isParquet, ParquetSurvey } from './parquetSurvey.js';
import type { Sketch } from './recordContent.js';
import { surveyAsJson, surveyAsText, type Inputs } from './reportSurvey.js';
import { Survey, type SurveyEnding } from './survey.js';
import { openUnknownInput, type UnknownInput } from './unknownInput.js';

export interface InspectFlags {
  readonly head: number;
  readonly json?: true;
  /** In records. Default: no limit. */
  readonly limit?: number;
  readonly quiet?: true;
}

/** A few records need no large range. */
const SHORT_READING = { rangeBytes: 1024 * 1024, concurrency: 1 };

export async function inspectInputs(patterns: readonly string[], flags: InspectFlags): Promise<void> {
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
    // A server or the search for credentials would delay the end.
    if (!hasInputs) process.exit();
  });
  try {
    const failures: InputFailure[] = [];
    const inputs = await findInputs(patterns, (failure) => failures.push(failure));
    hasInputs = true;
    const count = inputs.length + failures.length;
    const inspection = new Inspection(inputs, flags, { printer, signal: stop.signal, failures });
    for (const input of inputs) await inspection.read(input);
    inspection.report({ patterns, count });
    await printer.end();
    throwFailures(failures, { ...flags, isOnly: count === 1 });
  } finally {
    signals.release();
  }
}

export interface SurveyedFiles {
  /** One for each format, in the order of the files. */
  readonly surveys: readonly (Survey | ParquetSurvey)[];
  /** The files that cannot be read. */
  readonly failures: readonly InputFailure[];
}

/** Reads all inputs, but only the footers of Parquet files. Throws if nothing matches a pattern. */
export async function surveyFiles(patterns: readonly string[]): Promise<SurveyedFiles> {
  const { signal } = new AbortController();
  const inputs = await findInputs(patterns);
  const printer = new LinePrinter();
  const failures: InputFailure[] = [];
  const inspection = new Inspection(inputs, { head: 0 }, { printer, signal, failures });
  for (const input of inputs) await inspection.read(input);
  inspection.clearProgress();
  return { surveys: [...inspection.surveys, ...inspection.parquet], failures };
}

interface InspectionOptions {
  readonly printer: LinePrinter;
  readonly signal: AbortSignal;
  /** Failures are added to this array. */
  readonly failures: InputFailure[];
}

class Inspection {
  readonly surveys: Survey[] = [];
  readonly parquet: ParquetSurvey[] = [];
  readonly #flags: InspectFlags;
  readonly #failures: InputFailure[];
  readonly #printer: LinePrinter;
  readonly #signal: AbortSignal;
  readonly #progress: Progress | undefined;
  readonly #hasSeveral: boolean;
  #records = 0;
  #shown = 0;
  #bytes = 0;

  constructor(inputs: readonly FoundInput[], flags: InspectFlags, { printer, signal, failures }: InspectionOptions) {
    this.#flags = flags;
    this.#printer = printer;
    this.#signal = signal;
    this.#failures = failures;
    this.#hasSeveral = inputs.length + failures.length > 1;
    const total = inputs.reduce<number | undefined>((sum, { bytes }) => {
      return sum === undefined || bytes === undefined ? undefined : sum + bytes;
    }, 0);
    if (!flags.quiet && !flags.json) this.#progress = new Progress(process.stderr, { total });
  }

  async read(file: FoundInput): Promise<void> {
    const { path, isNamed } = file;
    const { limit = Infinity } = this.#flags;
    const left = limit - this.#records;
    if (left === 0 || this.#signal.aborted) return;
    if (isParquet(file)) {
      await this.#readParquet(file);
      return;
    }
    const onChunk = (): void => {
      this.#progress?.show({ bytes: this.#bytes + input.bytes, records: this.#records });
    };
    const reading = this.#flags.limit === undefined ? undefined : SHORT_READING;
    const input = openUnknownInput(file, { signal: this.#signal, allowsFifo: isNamed, reading, onChunk });
    const head = new FileHead(this.#hasSeveral);
    let survey: Survey | undefined;
    let count = 0;
    let added = 0;
    let ending: SurveyEnding = 'early';
    let isFailed = false;
    const add = (records: readonly Uint8Array[]): void => {
      for (const record of records) {
        survey ??= this.#begin(input, path, head.sketch);
        this.#addRecord(survey, record, { indexInFile: added++, path });
      }
    };
    try {
      await input.records$.pipe(take(left)).forEach((record) => {
        count++;
        add(head.pass(record, input.format));
      });
      ending = count === left ? 'at the limit' : 'at the end';
    } catch (error) {
      isFailed = !this.#signal.aborted;
      if (isFailed) this.#failures.push({ path, error });
    }
    add(head.release());
    this.#bytes += input.bytes;
    // If one of several inputs has an unknown format, its error replaces a report.
    if (!isFailed || (input.bytes > 0 && !this.#hasSeveral)) survey ??= this.#begin(input, path, undefined);
    if (survey && ending !== 'at the end') survey.ending = ending;
  }

  clearProgress(): void {
    this.#progress?.clear();
  }

  report(inputs: Inputs): void {
    this.clearProgress();
    for (const [index, survey] of this.parquet.entries()) {
      if (!this.#flags.json && (index > 0 || this.#shown > 0)) this.#printer.print('');
      for (const line of this.#flags.json ? [survey.asJson(inputs)] : survey.asText(inputs)) this.#printer.print(line);
    }
    for (const survey of this.surveys) {
      if (this.#flags.json) this.#printer.print(surveyAsJson(survey, inputs));
      else {
        if (survey !== this.surveys[0] || this.#shown + this.parquet.length > 0) this.#printer.print('');
        for (const line of surveyAsText(survey, inputs)) this.#printer.print(line);
      }
      const error = survey.result?.error;
      if (error) this.#failures.push({ path: error.path ?? survey.paths.join(), error });
    }
  }

  async #readParquet(file: FoundInput): Promise<void> {
    try {
      const found = await ParquetSurvey.of(file, this.#signal);
      if (!this.parquet.some((survey) => survey.join(found))) this.parquet.push(found);
    } catch (error) {
      if (!this.#signal.aborted) this.#failures.push({ path: file.path, error });
    }
  }

  #begin(input: UnknownInput, path: string, sketch: Sketch | undefined): Survey {
    let survey = this.surveys.find((other) => other.includes(input, path, sketch));
    if (!survey) this.surveys.push((survey = new Survey(input)));
    survey.begin(input, path);
    return survey;
  }

  #addRecord(survey: Survey, record: Uint8Array, { indexInFile, path }: { indexInFile: number; path: string }): void {
    const isShown = survey.sizes.count < this.#flags.head && !this.#flags.json;
    const position = { indexInFile, path: this.#hasSeveral ? path : undefined };
    const show = survey.add(record, position);
    this.#records++;
    if (!isShown) return;
    this.#shown++;
    this.#progress?.clear();
    this.#printer.print(`${recordPlace(position)}, ${record.length} bytes:${show()}`);
  }
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
