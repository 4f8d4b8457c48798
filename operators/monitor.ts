import type { MonoTypeOperatorFunction } from 'rxjs';
import { z } from 'zod';
import { lazy } from '../src/base/lazy.js';
import { positiveMilliseconds } from '../src/base/optionFields.js';
import { gateOf, withoutGate } from '../src/demand/context.js';
import type { Gate } from '../src/demand/gate.js';
import { countsFor, describeExpected, EXPECTED, readCounts, type ExpectedItems } from '../src/report/expectedItems.js';
import { Meter, type MeterFigures } from '../src/report/meter.js';
import { operate } from '../src/demand/operate.js';
import { callback, parseOptions } from '../src/base/parseOptions.js';

/** The measurements that {@link monitor} reports. */
export interface MonitorReport {
  readonly name: string;
  /** How the subscription ended. `undefined` until it ends. */
  readonly ending: 'completed' | 'failed' | 'unsubscribed' | undefined;
  /** Measured since the start of the subscription. */
  readonly total: MeterFigures;
  /** Measured since the previous report. */
  readonly sinceLast: MeterFigures;
  /** The progress of the pipeline's `assertCardinality` operators. `undefined` if none is running. */
  readonly progress: ExpectedItems | undefined;
}

/** Options of {@link monitor}. */
export interface MonitorOptions {
  /** The name in reports. Default: `monitor`. */
  readonly name?: string | undefined;
  /** The number of records between two reports. Default: no periodic reports. */
  readonly everyRecords?: number | undefined;
  /** The time between two reports, in milliseconds. Default: no periodic reports. */
  readonly everyMs?: number | undefined;
  /** Called with each report. Default: writes one line to standard error. */
  readonly onReport?: ((report: MonitorReport) => void) | undefined;
}

export const monitorSchema = lazy(() =>
  z.strictObject({
    name: z.string().min(1).default('monitor').describe('The name of this monitor in the reports.'),
    everyRecords: z.int().positive().optional().describe('The number of records between two reports.'),
    everyMs: positiveMilliseconds().optional().describe('The time between two reports, in milliseconds.'),
  }),
);

const optionsSchema = lazy(() =>
  monitorSchema().extend({
    onReport: callback<(report: MonitorReport) => void>().default(() => logReport),
  }),
);

/**
 * Measures records, bytes and MB/s, and how long the pipeline waits for input, waits for the consumer, and works.
 *
 * ```ts
 * import { channel } from 'millrace';
 * import { decodeTFRecord, monitor } from 'millrace/operators';
 *
 * const records$ = channel('train').pipe(
 *   decodeTFRecord(),
 *   monitor({ everyMs: 10_000, onReport: ({ total }) => console.log(total.megabytesPerSecond) }),
 * );
 * ```
 *
 * Also reports at the end of the subscription. The largest of `inputMs`, `consumerMs` and `workMs` shows the
 * bottleneck.
 *
 * The size of a record is the total size of its typed arrays and strings. The overhead is a few nanoseconds for each
 * record. The timer does not keep the process alive.
 *
 * Fails with the error that `onReport` throws.
 */
export function monitor<T>(options: MonitorOptions = {}): MonoTypeOperatorFunction<T> {
  const checked = parseOptions('monitor', optionsSchema(), options, { form: 'monitor({ everyMs: 1000 })' });
  const { name, everyRecords = Infinity, everyMs, onReport } = checked;
  return (source) =>
    operate<T, T>(source, (destination) => {
      const meter = new Meter();
      let nextReport = everyRecords;
      const phases = new PhaseWatch(meter, gateOf(destination));
      let hasEnded = false;
      const counts = countsFor(destination);

      const report = (ending?: MonitorReport['ending']): void => {
        hasEnded = ending !== undefined;
        withoutGate(() => onReport({ name, ending, ...meter.read(), progress: readCounts(counts) }));
      };

      const reportOnTime = (): void => {
        try {
          report();
        } catch (error) {
          destination.error(error);
        }
      };
      const timer = everyMs === undefined ? undefined : setInterval(reportOnTime, everyMs).unref();
      destination.add(() => {
        clearInterval(timer);
        phases.stop();
        if (!hasEnded) report('unsubscribed');
      });
      return {
        carries: { [EXPECTED]: counts },
        next: (item) => {
          if (!phases.isAtWork) phases.work();
          meter.count(item);
          if (meter.records >= nextReport) {
            nextReport += everyRecords;
            report();
          }
          destination.next(item);
        },
        error: (error) => {
          report('failed');
          destination.error(error);
        },
        complete: () => {
          report('completed');
          destination.complete();
        },
      };
    });
}

/** Reads the clock only when the pipeline starts or stops working. */
class PhaseWatch {
  isAtWork = false;
  readonly #meter: Meter;
  readonly #gate: Gate;

  constructor(meter: Meter, gate: Gate) {
    this.#meter = meter;
    this.#gate = gate;
    this.#rest();
  }

  /** Starts a period of work, which ends with the current synchronous code. */
  work(): void {
    this.isAtWork = true;
    this.#meter.enter('workMs');
    queueMicrotask(this.#rest);
  }

  stop(): void {
    this.#gate.cancel(this.#opened);
  }

  readonly #rest = (): void => {
    this.isAtWork = false;
    this.#meter.enter(this.#gate.isOpen ? 'inputMs' : 'consumerMs');
    if (!this.#gate.isOpen) this.#gate.whenOpen(this.#opened);
  };

  readonly #opened = (): void => {
    if (!this.isAtWork) this.#meter.enter('inputMs');
  };
}

function logReport({ name, ending, total, sinceLast, progress }: MonitorReport): void {
  const { records, bytes, elapsedMs, inputMs, consumerMs, megabytesPerSecond, recordsPerSecond } = ending
    ? total
    : sinceLast;
  const seconds = (ms: number): string => `${(ms / 1000).toFixed(3)} s`;
  console.error(
    `${name}${ending ? ` ${ending}` : ''}: ${records} records, ${(bytes / 1e6).toFixed(3)} MB in ${seconds(elapsedMs)}: ` +
      `${megabytesPerSecond.toFixed(1)} MB/s, ${recordsPerSecond.toFixed(0)} records/s; ` +
      `waited ${seconds(inputMs)} for the input, ${seconds(consumerMs)} for the consumer${progress && !ending ? `; ${describeExpected(progress)}` : ''}`,
  );
}
