import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Observable, Subscriber } from 'rxjs';
import { z } from 'zod';
import { lazy } from '../src/base/lazy.js';
import { gateOf, withoutGate } from '../src/demand/context.js';
import { reportUncaught } from '../src/base/reportUncaught.js';
import type { Phase } from '../src/demand/observer.js';
import { localPath } from '../src/base/localPath.js';
import { positiveMilliseconds } from '../src/base/optionFields.js';
import { callback, parseOptions } from '../src/base/parseOptions.js';
import { Recording } from '../src/page/recording.js';
import { carrying } from '../src/report/carrying.js';
import { formatReport } from '../src/report/formatReport.js';
import { reportBetween, snapshotOf, type Snapshot } from '../src/report/pipelineReport.js';
import type { PipelineReport } from '../src/report/reportTypes.js';
import { OBSERVER, observe } from '../src/demand/observer.js';
import { StageProbe } from '../src/report/stageProbe.js';
import { Timeline } from '../src/report/timeline.js';
import type { Advice } from '../src/report/verdict.js';

/** The reports that {@link report} passes to `onReport`. */
export interface ReportEvent {
  /** True if the subscription has completed, failed or been unsubscribed. */
  readonly hasEnded: boolean;
  /** The report of this subscription. With `repeat`, each epoch is one subscription. */
  readonly subscription: PipelineReport;
  /** The report of all subscriptions so far. */
  readonly total: PipelineReport;
}

/** Options of {@link report}. */
export interface ReportOptions {
  /** The name of the consumer in reports, for example `training`. Default: `the consumer`. */
  readonly consumer?: string | undefined;
  /** The time between two reports, in milliseconds. Default: no periodic reports. */
  readonly everyMs?: number | undefined;
  /**
   * Called every `everyMs` milliseconds, and at the end of each subscription. Default: writes the report to standard
   * error if `everyMs` is set.
   */
  readonly onReport?: ((event: ReportEvent) => void) | undefined;
  /** The path of an `.html` file that shows the report over time, and needs no network. Default: no file. */
  readonly page?: string | undefined;
  /**
   * Receives the URL of a page that shows the report while the process runs. The page is served from the first
   * subscription on, only on the loopback interface. Its URL contains a secret. Default: no page.
   */
  readonly live?: ((url: string) => void) | undefined;
  /** The path of a `.json` file in Chrome's trace format, for Perfetto or `chrome://tracing`. Default: no file. */
  readonly trace?: string | undefined;
}

/** The operator that {@link report} returns. */
export interface ReportOperator {
  <T>(source: Observable<T>): Observable<T>;
  /** Returns the report of all subscriptions so far. */
  readonly read: () => PipelineReport;
}

/** Requires the extension, so that a wrong path cannot replace data. */
const outputFile = (extension: string) =>
  localPath()
    .refine((path) => path.endsWith(extension), `expected a file with the extension ${extension}`)
    .refine((path) => existsSync(dirname(path)), 'expected a file in an existing folder')
    .optional();

const optionsSchema = lazy(() =>
  z.strictObject({
    consumer: z.string().min(1).default('the consumer'),
    everyMs: positiveMilliseconds().optional(),
    onReport: callback<(event: ReportEvent) => void>().optional(),
    page: outputFile('.html'),
    live: callback<(url: string) => void>().optional(),
    trace: outputFile('.json'),
  }),
);

/**
 * Measures waiting times and queue lengths of each stage, and names the bottleneck and the remedy.
 *
 * ```ts
 * import { channel, toAsyncIterable } from 'millrace';
 * import { batch, decodeTFRecord, prefetch, report } from 'millrace/operators';
 *
 * const watched = report({ consumer: 'training' });
 * const batches$ = channel('train').pipe(decodeTFRecord(), batch(64), prefetch(4), watched);
 * for await (const records of toAsyncIterable(batches$)) console.log(records.length);
 *
 * console.log(watched.read().verdict.text); // training waited for input 31 % of the time, 24 % for …
 * ```
 *
 * Put `report` at the end of the pipeline. A later operator that buffers items counts as the consumer. Sources and
 * buffering operators of this package are stages. `map`, `batch` and similar operators count as work between two
 * stages. Stages with the same name at the same position count as one, for example the inner sources of `interleave`.
 * If another `report` is upstream, the stages before it count as one source.
 *
 * If `onReport` throws during a subscription, the Observable fails with the exception. An exception of the last call,
 * at the end of the subscription, is uncaught. The timer does not keep the process alive.
 *
 * `page` and `trace` are written at the end of each subscription (completion, error or unsubscription), at most once a
 * second, and at the end of the process, unless a signal kills it. Both contain up to about 600 samples of each stage.
 * `trace` also contains up to 50,000 periods of work and waiting. A file that cannot be written, or that two reports
 * write, causes the warning `MILLRACE_REPORT_FILE`.
 *
 * @see `docs/guides/slow-pipeline.md` for the meaning of each number.
 */
export function report(options: ReportOptions = {}): ReportOperator {
  return reportWithAdvice(options);
}

/** A report that can be closed before the process ends. */
export interface ClosableReport extends ReportOperator {
  /** Serves the live page before the first subscription. */
  readonly serve: () => void;
  /** Writes the files, and sends the last report to the live page. */
  readonly close: () => Promise<void>;
}

/** Like {@link report}, but the verdict contains the remedies of `advice`. */
export function reportWithAdvice(options: ReportOptions, advice?: Advice): ClosableReport {
  const {
    consumer,
    everyMs,
    onReport = logging(everyMs),
    ...files
  } = parseOptions('report', optionsSchema(), options, { form: 'report({ everyMs: 1000 })' });
  const timeline = new Timeline(consumer, advice);
  const read = (): PipelineReport => reportBetween(timeline, new Map(), snapshotOf(timeline));
  const recording = (files.page ?? files.trace ?? files.live) ? new Recording(timeline, files, read) : undefined;
  const operator = <T>(source: Observable<T>): Observable<T> =>
    carrying<T>(source, (destination, subscribe) => {
      recording?.begin();
      const before = onReport && snapshotOf(timeline);
      const emitReport = (hasEnded: boolean): void => {
        if (before) withoutGate(() => onReport(eventOf(timeline, before, hasEnded)));
      };
      const timer =
        everyMs === undefined ? undefined : setInterval(notifying(destination, emitReport), everyMs).unref();
      const gate = gateOf(destination);
      const phase = (): Phase => (gate.isOpen ? 'inputMs' : 'consumerMs');
      const outer = observe([destination], { name: `report: ${consumer}`, isSource: true, phase });
      const probe = new StageProbe({ name: consumer, phase }, timeline.consumer, { timeline, outer });
      timeline.attachEnd(probe, gate);
      destination.add(() => {
        clearInterval(timer);
        try {
          emitReport(true);
        } catch (error) {
          reportUncaught(error);
        }
        probe.close();
        outer?.close();
        recording?.end();
      });
      probe.timed(() => subscribe({ [OBSERVER]: probe }))();
    });
  const serve = (): void => recording?.serve();
  const close = async (): Promise<void> => recording?.close();
  return Object.assign(operator, { read, serve, close });
}

function notifying(destination: Subscriber<unknown>, emitReport: (hasEnded: boolean) => void): () => void {
  return () => {
    try {
      emitReport(false);
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
