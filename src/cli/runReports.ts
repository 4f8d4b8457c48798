import process from 'node:process';
import type { MonitorReport } from '../../operators/monitor.js';
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
}

/** Shows the progress and the result of `millrace run`. */
export class RunReports {
  readonly #flags: ReportFlags;
  readonly #progress: Progress | undefined;
  #total = { records: 0, bytes: 0 };

  constructor(flags: ReportFlags) {
    this.#flags = flags;
    if (!this.#isQuiet) this.#progress = new Progress(process.stderr, { unit: 'items' });
  }

  readonly onReport = ({ ending, total, progress }: MonitorReport): void => {
    this.#total = total;
    const { records, bytes, elapsedMs } = total;
    if (!ending) {
      this.#progress?.show({ bytes, records, note: progress && describeExpected(progress) });
      return;
    }
    this.clear();
    if (this.#isQuiet || (ending === 'failed' && records === 0)) return;
    const items = `${records} ${records === 1 ? 'item' : 'items'}`;
    process.stderr.write(`millrace: ${items}, ${(bytes / 1e6).toFixed(2)} MB in ${(elapsedMs / 1000).toFixed(1)} s\n`);
  };

  /** Removes the progress. Call this before other output on the terminal. */
  clear(): void {
    this.#progress?.clear();
  }

  end(figures: PipelineReport, { isInterrupted, alreadyComplete, writesFiles }: EndedRun): void {
    const { json, overwrite, report } = this.#flags;
    if (json) {
      const { records: items, bytes } = this.#total;
      const isAlreadyComplete = alreadyComplete !== undefined;
      const result = { isInterrupted, isAlreadyComplete, items, bytes, ...figures };
      process.stdout.write(`${JSON.stringify(result)}\n`);
      return;
    }
    if (alreadyComplete) showAlreadyComplete(alreadyComplete);
    else if (report) process.stderr.write(`${formatReport(figures)}\n`);
    else if (!this.#isQuiet) process.stderr.write(`millrace: ${figures.verdict.text}\n`);
    if (!writesFiles || !isInterrupted) return;
    // With another input, --resume would continue the files of the run that --overwrite replaces.
    const remedy = overwrite
      ? 'Run the command again'
      : 'To write the rest, run the command again with --resume. Complete files are kept';
    process.stderr.write(`millrace: interrupted. ${remedy}.\n`);
  }

  get #isQuiet(): boolean {
    return this.#flags.quiet === true || this.#flags.json === true;
  }
}

function showAlreadyComplete({ pattern, files, records }: Manifest): void {
  const text = `${pattern} is already complete, so nothing was read (files: ${files.length}, records: ${records})`;
  process.stderr.write(`millrace: ${text}. To write it again, use --overwrite instead of --resume.\n`);
}
