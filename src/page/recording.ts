import { History } from './history.js';
import type { PipelineReport } from '../report/reportTypes.js';
import type { Timeline } from '../report/timeline.js';
import { Trace } from './trace.js';
import { ReportFile } from './reportFile.js';
import { reportPage } from './reportPage.js';

export interface RecordingFiles {
  readonly page?: string | undefined;
  readonly trace?: string | undefined;
}

/** Records the course of a pipeline, and writes it to files at the end of each subscription. */
export class Recording {
  readonly #history: History;
  #open = 0;
  readonly #files: readonly ReportFile[];

  /** @param read - returns the figures of all subscriptions. */
  constructor(timeline: Timeline, { page, trace: tracePath }: RecordingFiles, read: () => PipelineReport) {
    const history = new History(timeline);
    const trace = tracePath === undefined ? undefined : new Trace(timeline);
    this.#history = history;
    const current = (): History => {
      if (this.#open > 0) history.end();
      return history;
    };
    this.#files = [
      ...(page === undefined ? [] : [new ReportFile(page, () => reportPage(read(), current()))]),
      ...(trace ? [new ReportFile(tracePath as string, () => trace.format(read(), current()))] : []),
    ];
    timeline.listener = {
      begun: (at) => trace?.begun(at),
      rested: (at) => {
        history.rested(at);
        trace?.rested(at);
      },
    };
  }

  begin(): void {
    this.#history.begin();
    this.#open++;
    for (const file of this.#files) file.begin();
  }

  flush(): void {
    for (const file of this.#files) file.flush();
  }

  end(): void {
    this.#open--;
    this.#history.end();
    for (const file of this.#files) file.end();
  }
}
