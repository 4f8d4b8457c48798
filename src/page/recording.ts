import { warn } from '../base/warn.js';
import { History } from './history.js';
import { LivePage } from './livePage.js';
import type { PipelineReport } from '../report/reportTypes.js';
import type { Timeline } from '../report/timeline.js';
import { Trace } from './trace.js';
import { ReportFile } from './reportFile.js';
import { reportPage } from './reportPage.js';

export interface RecordingOptions {
  readonly page?: string | undefined;
  readonly trace?: string | undefined;
  /** Receives the URL of the live page. */
  readonly live?: ((url: string) => void) | undefined;
}

/**
 * Records the reports of a pipeline over time, shows them on a live page, and writes them to files at the end of each
 * subscription.
 */
export class Recording {
  readonly #history: History;
  readonly #read: () => PipelineReport;
  #onUrl: RecordingOptions['live'];
  #live: LivePage | undefined;
  #open = 0;
  readonly #files: readonly ReportFile[];

  /** @param read - returns the report of all subscriptions. */
  constructor(timeline: Timeline, { page, trace: tracePath, live }: RecordingOptions, read: () => PipelineReport) {
    const history = new History(timeline);
    const trace = tracePath === undefined ? undefined : new Trace(timeline);
    this.#history = history;
    this.#read = read;
    this.#files = [
      ...(page === undefined ? [] : [new ReportFile(page, () => reportPage(read(), this.#current()))]),
      ...(trace ? [new ReportFile(tracePath as string, () => trace.format(read(), this.#current()))] : []),
    ];
    this.#onUrl = live;
    timeline.listener = {
      begun: (at) => trace?.begun(at),
      rested: (at) => {
        history.rested(at);
        trace?.rested(at);
      },
    };
  }

  begin(): void {
    this.serve();
    this.#history.begin();
    this.#open++;
    for (const file of this.#files) file.begin();
  }

  /** Serves the live page at the first call. Called at each subscription, or earlier. */
  serve(): void {
    const onUrl = this.#onUrl;
    if (!onUrl) return;
    this.#onUrl = undefined;
    const failed = (cause: unknown): void =>
      warn(
        'MILLRACE_REPORT_FILE',
        `report: cannot serve the live page: ${String(cause)}. Use the option "page" instead.`,
      );
    // If `onUrl` throws, the exception is uncaught.
    void this.#serve().then(onUrl, failed);
  }

  /** Writes the files, and sends the last contents of the live page. */
  async close(): Promise<void> {
    for (const file of this.#files) file.flush();
    await this.#live?.close();
  }

  end(): void {
    this.#open--;
    this.#history.end();
    for (const file of this.#files) file.end();
  }

  async #serve(): Promise<string> {
    const page = new LivePage((state) => reportPage(this.#read(), this.#current(), state));
    const url = await page.serve();
    this.#live = page;
    process.once('beforeExit', () => void page.close());
    return url;
  }

  #current(): History {
    if (this.#open > 0) this.#history.end();
    return this.#history;
  }
}
