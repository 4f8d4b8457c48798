import type { Phase } from '../demand/observer.js';
import type { History, HistoryPart } from './history.js';
import { workShare } from './pageCourse.js';
import { uniqueNames } from '../report/pipelineReport.js';
import type { PipelineReport } from '../report/reportTypes.js';
import { Spans } from './spans.js';
import type { StageMeter } from '../report/stageMeter.js';
import type { Timeline } from '../report/timeline.js';

type Track = StageMeter | 'thread';

const STAGE_PHASES: Readonly<Record<Phase, string>> = {
  inputMs: 'waits for input',
  consumerMs: 'waits for its consumer',
  workMs: 'works',
};
const CONSUMER_PHASES: Readonly<Record<Phase, string>> = { ...STAGE_PHASES, consumerMs: 'busy' };

const MOST_PARTS = 600;

/** Records when the thread works on the pipeline, and what the consumer and each stage wait for in the meantime. */
export class Trace {
  readonly #timeline: Timeline;
  readonly #spans = new Spans<Track>();
  /** The current phase of each stage, and its start. */
  readonly #phases = new Map<StageMeter, { readonly phase: Phase; readonly fromMs: number }>();
  /** The start of the work, or `undefined` while the thread does other work. */
  #workMs: number | undefined;

  constructor(timeline: Timeline) {
    this.#timeline = timeline;
  }

  begun(at: number): void {
    this.#workMs = at;
  }

  rested(at: number): void {
    const fromMs = this.#workMs ?? at;
    this.#workMs = undefined;
    if (at > fromMs) this.#spans.add('thread', { name: 'works', fromMs, toMs: at });
    this.#look(this.#timeline.consumer, fromMs, at);
  }

  /**
   * If a stage has the same phase before and after the thread's work, this phase continues. Otherwise, the earlier
   * phase ends when the work begins.
   */
  #look(stage: StageMeter, workMs: number, at: number): void {
    const { phase } = stage;
    const before = this.#phases.get(stage);
    if (phase !== before?.phase) {
      if (before && workMs > before.fromMs) {
        const names = stage === this.#timeline.consumer ? CONSUMER_PHASES : STAGE_PHASES;
        this.#spans.add(stage, { name: names[before.phase], fromMs: before.fromMs, toMs: workMs });
      }
      if (phase) this.#phases.set(stage, { phase, fromMs: at });
      else this.#phases.delete(stage);
    }
    for (const above of stage.above.values()) this.#look(above, workMs, at);
  }

  /**
   * Returns the trace as JSON, with a thread for each stage, and counters for queues and rates. Times are in
   * microseconds after the first subscription.
   *
   * @see https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU for the format
   */
  format({ verdict }: PipelineReport, history: History): string {
    const names = uniqueNames(this.#timeline.consumer);
    const tracks: readonly Track[] = ['thread', ...names.keys()];
    const { pid } = process;
    const events = tracks.flatMap((track, tid) => {
      const name = track === 'thread' ? 'the thread of the pipeline' : names.get(track);
      const slices = this.#spans.of(track).map(({ name: slice, fromMs, toMs }) => {
        const ts = microseconds(fromMs - history.startMs);
        // Slices of a thread must not overlap, so both ends are rounded.
        const dur = microseconds(toMs - history.startMs) - ts;
        return { ph: 'X', cat: 'millrace', name: slice, pid, tid, ts, dur };
      });
      return [
        { ph: 'M', name: 'thread_name', pid, tid, args: { name } },
        { ph: 'M', name: 'thread_sort_index', pid, tid, args: { sort_index: tid } },
        ...slices,
      ];
    });
    const process_ = {
      ph: 'M',
      name: 'process_name',
      pid,
      tid: 0,
      args: { name: `millrace: ${this.#timeline.consumer.traits.name}` },
    };
    const traceEvents = [process_, ...events, ...history.read(MOST_PARTS).flatMap((part) => countersOf(part, pid))];
    const otherData = { verdict: verdict.text, resolutionMs: this.#spans.resolutionMs };
    return `${JSON.stringify({ traceEvents, displayTimeUnit: 'ms', otherData })}\n`;
  }
}

function countersOf({ fromMs, toMs, report }: HistoryPart, pid: number): object[] {
  const at = { pid, tid: 0, ts: microseconds(fromMs) };
  const perSecond = (amount: number): number => Math.round((amount / (toMs - fromMs)) * 1000);
  const counters = report.stages.flatMap(({ name, queue, figures, emitted, threads }) => [
    ...(queue ? [{ ph: 'C', name: `queue of ${name}`, ...at, args: { items: Math.round(queue.mean * 10) / 10 } }] : []),
    {
      ph: 'C',
      name: `${name} per second`,
      ...at,
      args: { items: perSecond(emitted), bytes: perSecond(figures.bytes) },
    },
    ...threads.map((thread) => {
      const percent = Math.round(100 * (workShare(thread) ?? 0));
      return { ph: 'C', name: `${thread.name} of ${name}`, ...at, args: { 'work in percent': percent } };
    }),
  ]);
  const epochs = report.subscriptions > 0 ? [{ ph: 'i', s: 'p', name: 'subscription', cat: 'millrace', ...at }] : [];
  return [...epochs, ...counters];
}

function microseconds(ms: number): number {
  return Math.round(ms * 1000);
}
