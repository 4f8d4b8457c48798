import type { Observable, Subscriber } from 'rxjs';
import { z } from 'zod';
import { gateOf, withoutGate } from '../src/demand/context.js';
import { reportUncaught } from '../src/base/reportUncaught.js';
import type { Phase } from '../src/demand/observer.js';
import { positiveMilliseconds } from '../src/base/optionFields.js';
import { callback, parseOptions } from '../src/base/parseOptions.js';
import { carrying } from '../src/report/carrying.js';
import { formatReport } from '../src/report/formatReport.js';
import { reportBetween, snapshotOf, type Snapshot } from '../src/report/pipelineReport.js';
import type { PipelineReport } from '../src/report/reportTypes.js';
import { OBSERVER, observe } from '../src/demand/observer.js';
import { StageProbe } from '../src/report/stageProbe.js';
import { Timeline } from '../src/report/timeline.js';

/** What {@link report} tells while it goes on. */
export interface ReportEvent {
  /** Whether the subscription has ended, by completion, by an error or by being unsubscribed. */
  readonly hasEnded: boolean;
  /** The figures of this subscription alone: of one epoch, where each is a subscription. */
  readonly subscription: PipelineReport;
  /** The figures of all subscriptions so far. */
  readonly total: PipelineReport;
}

/** Options of {@link report}. */
export interface ReportOptions {
  /** What the report calls whoever consumes, such as `training`. Default: `the consumer`. */
  readonly consumer?: string | undefined;
  /** Tells at each such interval of time. Default: never. */
  readonly everyMs?: number | undefined;
  /**
   * Is told at each interval, and at the end of each subscription. Default: lines on standard error where `everyMs` is
   * given, else nothing, and `read()` has the figures.
   */
  readonly onReport?: ((event: ReportEvent) => void) | undefined;
}

/** The operator that {@link report} makes, with the figures of all its subscriptions. */
export interface ReportOperator {
  <T>(source: Observable<T>): Observable<T>;
  /** The figures of this moment. */
  readonly read: () => PipelineReport;
}

const optionsSchema = z.strictObject({
  consumer: z.string().min(1).default('the consumer'),
  everyMs: positiveMilliseconds.optional(),
  onReport: callback<(event: ReportEvent) => void>().optional(),
});

/**
 * Tells where the time of a pipeline goes: what each stage above it waited for, what its queue held, and in one sentence
 * which of them is the bottleneck and what to do.
 *
 * ```ts
 * import { channel, formatReport, toAsyncIterable } from 'millrace';
 * import { batch, decodeTFRecord, prefetch, report } from 'millrace/operators';
 *
 * const watched = report({ consumer: 'training' });
 * const batches$ = channel('train').pipe(decodeTFRecord(), batch(64), prefetch(4), watched);
 * for await (const records of toAsyncIterable(batches$)) console.log(records.length);
 *
 * console.log(watched.read().verdict.text); // training waited for input 31 % of the time, 24 % for …
 * console.log(formatReport(watched.read()));
 * ```
 *
 * It stands at the end of the pipeline, changes nothing and hands its subscriber on, so that an item costs nothing there.
 * Every source and every operator of this package in which items may wait, as far as it is subscribed to through RxJS's
 * own operators, is a stage of it; `map`, `batch` and the like are part of the thread's work between two stages. Figures
 * are summed over subscriptions (epochs, `repeat`), and over stages of one name in one place. The clock is read where the
 * thread enters the pipeline and where it leaves it, which is once a chunk and once a batch, not once a record. A second
 * report further up has the stages above itself, and is a source for the first.
 *
 * Memory: a few numbers a stage. Order is kept; nothing is held. Intervals are kept as far as the thread is free, and keep
 * no process alive.
 *
 * Throws a ConfigError at the call for bad options. What `onReport` throws at an interval is notified as an error; what it
 * throws when the subscription has ended is an uncaught error.
 *
 * @see `docs/guides/slow-pipeline.md` for what each figure means.
 */
export function report(options: ReportOptions = {}): ReportOperator {
  const {
    consumer,
    everyMs,
    onReport = logging(everyMs),
  } = parseOptions('report', optionsSchema, options, { form: 'report({ everyMs: 1000 })' });
  const timeline = new Timeline(consumer);
  const operator = <T>(source: Observable<T>): Observable<T> =>
    carrying<T>(source, (destination, subscribe) => {
      const before = snapshotOf(timeline);
      const tell = (hasEnded: boolean): void => {
        if (onReport) withoutGate(() => onReport(eventOf(timeline, before, hasEnded)));
      };
      const timer = everyMs === undefined ? undefined : setInterval(notifying(destination, tell), everyMs).unref();
      const gate = gateOf(destination);
      const phase = (): Phase => (gate.isOpen ? 'inputMs' : 'consumerMs');
      const outer = observe([destination], { name: `report: ${consumer}`, isSource: true, phase });
      const probe = new StageProbe({ name: consumer, phase }, timeline.consumer, { timeline, outer });
      timeline.attachEnd(probe, gate);
      destination.add(() => {
        clearInterval(timer);
        try {
          tell(true);
        } catch (error) {
          reportUncaught(error);
        }
        probe.close();
        outer?.close();
      });
      probe.timed(() => subscribe({ [OBSERVER]: probe }))();
    });
  return Object.assign(operator, { read: () => reportBetween(timeline, new Map(), snapshotOf(timeline)) });
}

function notifying(destination: Subscriber<unknown>, tell: (hasEnded: boolean) => void): () => void {
  return () => {
    try {
      tell(false);
    } catch (error) {
      destination.error(error);
    }
  };
}

function eventOf(timeline: Timeline, before: Snapshot, hasEnded: boolean): ReportEvent {
  const now = snapshotOf(timeline);
  return {
    hasEnded,
    subscription: reportBetween(timeline, before, now),
    total: reportBetween(timeline, new Map(), now),
  };
}

function logging(everyMs: number | undefined): ReportOptions['onReport'] {
  if (everyMs === undefined) return undefined;
  return ({ total }) => console.error(formatReport(total));
}
