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
  readonly #files: readonly ReportFile[];

  /** @param read - returns the figures of all subscriptions. */
  constructor(timeline: Timeline, { page, trace: tracePath }: RecordingFiles, read: () => PipelineReport) {
    const history = new History(timeline);
    const trace = tracePath === undefined ? undefined : new Trace(timeline);
    this.#history = history;
    this.#files = [
      ...(page === undefined ? [] : [new ReportFile(page, () => reportPage(read(), history))]),
      ...(trace ? [new ReportFile(tracePath as string, () => trace.format(read(), history))] : []),
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
  }

  flush(): void {
    for (const file of this.#files) file.flush();
  }

  end(): void {
    this.#history.end();
    for (const file of this.#files) file.update();
  }
}
