import type { MonitorReport } from '../../operators/monitor.js';
import { countOf } from '../base/grouped.js';
import { sumOf } from '../base/sumOf.js';
import { describeExpected } from '../report/expectedItems.js';
import { formatReport } from '../report/formatReport.js';
import type { PipelineReport } from '../report/reportTypes.js';
import type { Manifest } from '../sinks/manifest.js';
import { Progress } from './progress.js';

export interface ReportFlags {
  readonly json?: true;
  readonly overwrite?: boolean;
  readonly quiet?: true;
  readonly report: boolean;
}

export interface EndedRun {
  readonly isInterrupted: boolean;
  /** Set if `--resume` found nothing to do. */
  readonly alreadyComplete: Manifest | undefined;
  readonly writesFiles: boolean;
  /** The size of the output. `undefined` if the run wrote no output. */
  readonly bytesWritten: number | undefined;
}

/** Shows the progress and the result of `millrace run`. */
export class RunReports {
  readonly #flags: ReportFlags;
  readonly #progress: Progress | undefined;
  readonly #read: () => PipelineReport;
  #total = { records: 0, bytes: 0 };

  /** @param read - returns the report of the pipeline. */
  constructor(flags: ReportFlags, read: () => PipelineReport) {
    this.#flags = flags;
    this.#read = read;
    if (!this.#isQuiet) this.#progress = new Progress(process.stderr, { unit: 'items' });
  }

  readonly onReport = ({ ending, total, progress }: MonitorReport): void => {
    this.#total = total;
    const { records, elapsedMs } = total;
    if (!ending) {
      this.#progress?.show({ bytes: bytesRead(this.#read()), records, note: progress && describeExpected(progress) });
      return;
    }
    this.clear();
    if (this.#isQuiet || (ending === 'failed' && records === 0)) return;
    const read = `${megabytes(bytesRead(this.#read()))} read in ${(elapsedMs / 1000).toFixed(1)} s`;
    process.stderr.write(`millrace: ${countOf(records, 'item')}, ${read}\n`);
  };

  /** Removes the progress. Call this before other output on the terminal. */
  clear(): void {
    this.#progress?.clear();
  }

  end(figures: PipelineReport, { isInterrupted, alreadyComplete, writesFiles, bytesWritten }: EndedRun): void {
    const { json, overwrite, report } = this.#flags;
    if (json) {
      const { records: items, bytes } = this.#total;
      const isAlreadyComplete = alreadyComplete !== undefined;
      const result = { isInterrupted, isAlreadyComplete, items, bytes, bytesRead: bytesRead(figures), bytesWritten };
      process.stdout.write(`${JSON.stringify({ ...result, ...figures })}\n`);
      return;
    }
    if (bytesWritten !== undefined && !alreadyComplete && !this.#isQuiet) {
      process.stderr.write(`millrace: wrote ${megabytes(bytesWritten)}\n`);
    }
    if (alreadyComplete) showAlreadyComplete(alreadyComplete);
    else if (report) process.stderr.write(`${formatReport(figures)}\n`);
    else if (!this.#isQuiet) process.stderr.write(`millrace: ${figures.verdict.text}\n`);
    if (!writesFiles || !isInterrupted) return;
    // The manifest may still be that of the run that --overwrite replaces, and --resume would continue that run.
    const remedy = overwrite
      ? 'Run the command again'
      : 'To write the rest, run the command again with --resume. Complete files are kept';
    process.stderr.write(`millrace: interrupted. ${remedy}.\n`);
  }

  get #isQuiet(): boolean {
    return this.#flags.quiet === true || this.#flags.json === true;
  }
}

function bytesRead({ stages }: PipelineReport): number {
  return sumOf(stages.filter(({ isSource }) => isSource).map(({ figures }) => figures.bytes));
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(2)} MB`;

function showAlreadyComplete({ pattern, files, records }: Manifest): void {
  const text = `${pattern} is already complete, so nothing was read (files: ${files.length}, records: ${records})`;
  process.stderr.write(`millrace: ${text}. To write it again, use --overwrite instead of --resume.\n`);
}
