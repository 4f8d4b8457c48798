import { take } from 'rxjs';
import { seededRandom } from '../../base/seededRandom.js';
import type { LinePrinter } from '../linePrinter.js';
import { Progress } from '../progress.js';
import { linePlace, recordPlace } from './content.js';
import { FileHead } from './fileHead.js';
import type { FoundInput, InputFailure } from './findInputs.js';
import { pageSourceOf, type PageSource } from './page/pageSource.js';
import { isParquet, ParquetSurvey } from './parquetSurvey.js';
import type { Sketch } from './recordContent.js';
import { surveyAsJson, surveyAsText, type Inputs } from './reportSurvey.js';
import { Survey, type SurveyEnding } from './survey.js';
import { openUnknownInput, type UnknownInput } from './unknownInput.js';

export interface InspectFlags {
  readonly head: number;
  readonly json?: true;
  /** The maximum number of records. Default: no limit. */
  readonly limit?: number;
  readonly quiet?: true;
  /** The file of the data page. */
  readonly page?: string;
  /** The inputs to compare with on the page. */
  readonly against?: readonly string[];
  /** The share of the records that the page's statistics include. Default: 1. */
  readonly sample?: number;
  readonly label?: string;
}

/** The option `sample` is rounded to a multiple of 1 / `SAMPLE_STEPS`. */
const SAMPLE_STEPS = 2 ** 32;

/** For runs that read only a few records. */
const SHORT_READING = { rangeBytes: 1024 * 1024, concurrency: 1 };

export interface InspectionOptions {
  readonly printer: LinePrinter;
  readonly signal: AbortSignal;
  /** Failures are added to this array. */
  readonly failures: InputFailure[];
}

/** Reads inputs, and describes their data sets. */
export class Inspection {
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
  /** Returns true for the records in the statistics. */
  readonly #isSketched: () => boolean;

  constructor(inputs: readonly FoundInput[], flags: InspectFlags, { printer, signal, failures }: InspectionOptions) {
    this.#flags = flags;
    const random = seededRandom(0, 0);
    const { page, sample = 1 } = flags;
    this.#isSketched = () => page !== undefined && random(SAMPLE_STEPS) < sample * SAMPLE_STEPS;
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
    // If one of several formats is unknown, its error replaces a report.
    if (!isFailed || (input.bytes > 0 && !this.#hasSeveral)) survey ??= this.#begin(input, path, undefined);
    if (survey && ending !== 'at the end') survey.ending = ending;
  }

  /** The data sets for the page. Call this after `report`. */
  get pageSources(): PageSource[] {
    return [...this.surveys.map(pageSourceOf), ...this.parquet];
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
    }
  }

  /** Adds the errors in records to the failures. */
  end(): void {
    this.clearProgress();
    for (const { result, paths } of this.surveys) {
      if (result?.error) this.#failures.push({ path: result.error.path ?? paths.join(), error: result.error });
    }
  }

  async #readParquet(file: FoundInput): Promise<void> {
    try {
      const found = await ParquetSurvey.of(file, this.#signal);
      let survey = this.parquet.find((other) => other.join(found));
      if (!survey) this.parquet.push((survey = found));
      if (this.#flags.page !== undefined) await this.#sketchRows(survey, file, found.columns);
    } catch (error) {
      if (!this.#signal.aborted) this.#failures.push({ path: file.path, error });
    }
  }

  #sketchRows(survey: ParquetSurvey, file: FoundInput, all: ParquetSurvey['columns']): Promise<void> {
    return survey.sketchRows(file, {
      all,
      signal: this.#signal,
      limit: (this.#flags.limit ?? Infinity) - this.#records,
      isSketched: this.#isSketched,
      onRows: (rows) => {
        this.#records += rows;
        this.#progress?.show({ records: this.#records });
      },
    });
  }

  #begin(input: UnknownInput, path: string, sketch: Sketch | undefined): Survey {
    let survey = this.surveys.find((other) => other.includes(input, path, sketch));
    if (!survey) this.surveys.push((survey = new Survey(input)));
    survey.begin(input, path);
    return survey;
  }

  #addRecord(survey: Survey, record: Uint8Array, { indexInFile, path }: { indexInFile: number; path: string }): void {
    const isShown = survey.added < this.#flags.head && !this.#flags.json;
    const isSketched = this.#isSketched();
    const position = { indexInFile, path: this.#hasSeveral ? path : undefined, isSketched };
    const show = survey.add(record, position);
    this.#records++;
    if (!isShown) return;
    this.#shown++;
    this.#progress?.clear();
    const place = survey.format === 'TextLine' ? linePlace(position) : recordPlace(position);
    this.#printer.print(`${place}, ${record.length} bytes:${show()}`);
  }
}
