import type { Timeline } from '../report/timeline.js';
import { reportBetween, sumsAt, type Snapshot } from '../report/pipelineReport.js';
import type { PipelineReport } from '../report/reportTypes.js';

const MOST_SAMPLES = 600;
const FIRST_INTERVAL_MS = 10;

/** The measurements of one time interval. */
export interface HistoryPart {
  /** Milliseconds after the first subscription. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly report: PipelineReport;
}

interface Sample {
  readonly at: number;
  readonly sums: Snapshot;
}

/**
 * The measurements of a pipeline over time: at most 600 samples of its totals. If there are more, every second sample
 * is dropped, and the time between two samples is doubled. Totals never decrease, so no count or time is lost.
 */
export class History {
  readonly #timeline: Timeline;
  #samples: Sample[] = [];
  #end: Sample | undefined;
  #everyMs = FIRST_INTERVAL_MS;
  #nextAt = 0;

  constructor(timeline: Timeline) {
    this.#timeline = timeline;
  }

  /** The time of the first subscription. */
  get startMs(): number {
    return this.#samples[0]?.at ?? 0;
  }

  /** Called at each subscription, before the stages of the subscription exist. */
  begin(): void {
    // A part must not contain both a subscription and the time between two subscriptions.
    this.rested(this.#timeline.bringUpToDate());
  }

  /**
   * Called when the thread stops working on the pipeline. So each part includes other work of the thread, during which
   * queues are measured.
   */
  rested(at: number): void {
    if (at < this.#nextAt) return;
    this.#samples.push({ at, sums: sumsAt(this.#timeline, at) });
    if (this.#samples.length > MOST_SAMPLES) {
      this.#samples = this.#samples.filter((_, i) => i % 2 === 0);
      this.#everyMs *= 2;
    }
    this.#nextAt = at + this.#everyMs;
  }

  /** Called at the end of each subscription. */
  end(): void {
    const at = this.#timeline.bringUpToDate();
    this.#end = { at, sums: sumsAt(this.#timeline, at) };
  }

  /** Returns up to `limit` parts, from the first subscription to the last end of a subscription. */
  read(limit: number): readonly HistoryPart[] {
    const end = this.#end;
    if (!end) return [];
    const before = this.#samples.filter(({ at }) => at < end.at);
    const step = Math.ceil(before.length / limit);
    const samples = [...before.filter((_, i) => i % step === 0), end];
    return samples.slice(1).map((sample, i) => {
      const before = samples[i] as Sample;
      const report = reportBetween(this.#timeline, before.sums, sample.sums);
      return { fromMs: before.at - this.startMs, toMs: sample.at - this.startMs, report };
    });
  }
}
