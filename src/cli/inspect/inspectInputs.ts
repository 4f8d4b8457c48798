import { constants } from 'node:os';
import process from 'node:process';
import { take } from 'rxjs';
import { LinePrinter } from '../linePrinter.js';
import { describeName } from './describeValue.js';
import { findInputs, type FoundInput } from './findInputs.js';
import { Progress } from './progress.js';
import { surveyAsJson, surveyAsText } from './reportSurvey.js';
import { Survey, type SurveyEnding } from './survey.js';
import { openUnknownInput } from './unknownInput.js';

/** The options of `millrace inspect`. */
export interface InspectFlags {
  readonly head: number;
  readonly json?: true;
  /** Default: no limit. */
  readonly limit?: number;
  readonly quiet?: true;
}

interface Failure {
  readonly path: string;
  readonly error: unknown;
}

/** Inspects files, FIFOs or standard input, one after the other, and reports their content. */
export async function inspectInputs(patterns: readonly string[], flags: InspectFlags): Promise<void> {
  const stop = new AbortController();
  const onSignal = (signal: NodeJS.Signals): void => {
    process.exitCode = 128 + constants.signals[signal];
    stop.abort();
  };
  // If the output cannot be written, there is no need to read the inputs.
  const printer = new LinePrinter(() => {
    stop.abort();
  });
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  try {
    const inputs = await findInputs(patterns);
    const inspection = new Inspection(inputs, flags, { printer, signal: stop.signal });
    for (const input of inputs) await inspection.read(input);
    inspection.report();
    await printer.end();
    throwFailures(inspection.failures, inputs.length === 1);
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
}

/** The inspection of the inputs of one call. */
class Inspection {
  readonly failures: Failure[] = [];
  readonly #surveys: Survey[] = [];
  readonly #flags: InspectFlags;
  readonly #printer: LinePrinter;
  readonly #signal: AbortSignal;
  readonly #progress: Progress | undefined;
  readonly #hasSeveral: boolean;
  #records = 0;
  /** The number of records that were printed. */
  #shown = 0;
  /** The bytes read from earlier inputs. */
  #bytes = 0;

  constructor(
    inputs: readonly FoundInput[],
    flags: InspectFlags,
    { printer, signal }: { readonly printer: LinePrinter; readonly signal: AbortSignal },
  ) {
    this.#flags = flags;
    this.#printer = printer;
    this.#signal = signal;
    this.#hasSeveral = inputs.length > 1;
    const total = inputs.reduce<number | undefined>((sum, { bytes }) => {
      return sum === undefined || bytes === undefined ? undefined : sum + bytes;
    }, 0);
    if (!flags.quiet) this.#progress = new Progress(process.stderr, total);
  }

  /** Reads an input to its end, to the limit, or to its first error. */
  async read({ path }: FoundInput): Promise<void> {
    const { limit = Infinity } = this.#flags;
    const left = limit - this.#records;
    if (left === 0 || this.#signal.aborted) return;
    const input = openUnknownInput(path, this.#signal, () => {
      this.#progress?.show({ bytes: this.#bytes + input.bytes, records: this.#records });
    });
    let survey: Survey | undefined;
    let count = 0;
    let ending: SurveyEnding = 'early';
    let isFailed = false;
    try {
      await input.records$.pipe(take(left)).forEach((record) => {
        survey ??= this.#begin(input, path);
        this.#addRecord(survey, record, { indexInFile: count++, path });
      });
      ending = count === left ? 'at the limit' : 'at the end';
    } catch (error) {
      isFailed = !this.#signal.aborted;
      if (isFailed) this.failures.push({ path, error });
    }
    this.#bytes += input.bytes;
    // If one of several inputs has an unknown format, it gets an error and no report.
    if (!isFailed || (input.bytes > 0 && !this.#hasSeveral)) survey ??= this.#begin(input, path);
    if (survey && ending !== 'at the end') survey.ending = ending;
  }

  report(): void {
    this.#progress?.clear();
    for (const survey of this.#surveys) {
      if (this.#flags.json) this.#printer.print(surveyAsJson(survey));
      else {
        if (survey !== this.#surveys[0] || this.#shown > 0) this.#printer.print('');
        for (const line of surveyAsText(survey)) this.#printer.print(line);
      }
      if (survey.result?.error) this.failures.push({ path: survey.paths.join(), error: survey.result.error });
    }
  }

  #begin(input: ReturnType<typeof openUnknownInput>, path: string): Survey {
    let survey = this.#surveys.find((other) => other.includes(input, path));
    if (!survey) this.#surveys.push((survey = new Survey(input)));
    survey.begin(input, path);
    return survey;
  }

  #addRecord(survey: Survey, record: Uint8Array, { indexInFile, path }: { indexInFile: number; path: string }): void {
    const recordIndex = survey.sizes.count;
    const show = survey.add(record, indexInFile, this.#hasSeveral ? path : undefined);
    this.#records++;
    if (this.#flags.json || recordIndex >= this.#flags.head) return;
    this.#shown++;
    const file = this.#hasSeveral ? ` (${describeName(path)})` : '';
    this.#progress?.clear();
    this.#printer.print(`record ${recordIndex}${file}, ${record.length} bytes:${show()}`);
  }
}

function throwFailures(failures: readonly Failure[], isOnly: boolean): void {
  const [first] = failures;
  if (!first) return;
  if (isOnly) throw first.error;
  for (const { path, error } of failures) {
    process.stderr.write(
      `millrace: ${describeName(path)}: ${error instanceof Error ? error.message : String(error)}\n`,
    );
  }
  process.exitCode = 1;
}
