import type { MonoTypeOperatorFunction } from 'rxjs';
import { z } from 'zod';
import { positiveMilliseconds } from '../src/base/optionFields.js';
import { gateOf, withoutGate } from '../src/demand/context.js';
import type { Gate } from '../src/demand/gate.js';
import { Meter, type MeterFigures } from '../src/report/meter.js';
import { operate } from '../src/demand/operate.js';
import { callback, parseOptions } from '../src/base/parseOptions.js';

/** What {@link monitor} tells. */
export interface MonitorReport {
  readonly name: string;
  /** How the subscription has ended, in its last report; nothing while it goes on. */
  readonly ending: 'completed' | 'failed' | 'unsubscribed' | undefined;
  /** Since the subscription. */
  readonly total: MeterFigures;
  /** Since the report before. */
  readonly sinceLast: MeterFigures;
}

/** Options of {@link monitor}. */
export interface MonitorOptions {
  /** What the reports are called by. Default: `monitor`. */
  readonly name?: string | undefined;
  /** Reports after each such number of records. Default: never. */
  readonly everyRecords?: number | undefined;
  /** Reports at each such interval of time. Default: never. */
  readonly everyMs?: number | undefined;
  /** Takes the reports. Default: a line on standard error for each. */
  readonly onReport?: ((report: MonitorReport) => void) | undefined;
}

/** The options of {@link monitor} that JSON can hold. */
export const monitorSchema = z.strictObject({
  name: z.string().min(1).default('monitor'),
  everyRecords: z.int().positive().optional(),
  everyMs: positiveMilliseconds.optional(),
});

const optionsSchema = monitorSchema.extend({
  onReport: callback<(report: MonitorReport) => void>().default(() => logReport),
});

/**
 * Measures what passes: records, bytes, MB/s, and what the time went to; it changes nothing.
 *
 * ```ts
 * import { channel } from 'millrace';
 * import { batch, decodeTFRecord, monitor, prefetch } from 'millrace/operators';
 *
 * const batches$ = channel('train').pipe(
 *   decodeTFRecord(),
 *   monitor({ name: 'train', everyMs: 10_000, onReport: ({ total }) => console.log(total.megabytesPerSecond) }),
 *   batch(64),
 *   prefetch(10),
 * );
 * ```
 *
 * A report comes at each interval that was asked for, and at the end however that comes: completion, error or
 * unsubscription. It has the figures of the whole subscription and those since the report before. Their time has three
 * parts: `inputMs` (records were wanted and none came: the input is the bottleneck), `consumerMs` (none were wanted: the
 * consumer is, which all that can be prefetched does not help), and `workMs` (the thread was at work on the pipeline).
 *
 * An item is a record, and its size the sum of the typed arrays and strings in it. Above `batch` a record costs a few
 * nanoseconds, since the clock is read only when the pipeline starts and stops. Intervals of time are kept as far as the
 * thread is free, and keep no process alive. Order is kept; nothing is held.
 *
 * Throws a ConfigError at the call for bad options. What `onReport` throws is notified as an error.
 */
export function monitor<T>(options: MonitorOptions = {}): MonoTypeOperatorFunction<T> {
  const checked = parseOptions('monitor', optionsSchema, options, { form: 'monitor({ everyMs: 1000 })' });
  const { name, everyRecords = Infinity, everyMs, onReport } = checked;
  return (source) =>
    operate<T, T>(source, (destination) => {
      const meter = new Meter();
      let nextReport = everyRecords;
      const phases = new PhaseWatch(meter, gateOf(destination));
      let hasEnded = false;

      const report = (ending?: MonitorReport['ending']): void => {
        hasEnded = ending !== undefined;
        withoutGate(() => onReport({ name, ending, ...meter.read() }));
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

/** Tells the meter, without a look at each record, whether the pipeline works or what it waits for. */
class PhaseWatch {
  isAtWork = false;
  readonly #meter: Meter;
  readonly #gate: Gate;

  constructor(meter: Meter, gate: Gate) {
    this.#meter = meter;
    this.#gate = gate;
    this.#rest();
  }

  /** All that runs without a pause is one stretch of work, which ends with the microtask that it queues. */
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

  /** What follows is waiting for the input, unless a record has come at once. */
  readonly #opened = (): void => {
    if (!this.isAtWork) this.#meter.enter('inputMs');
  };
}

function logReport({ name, ending, total, sinceLast }: MonitorReport): void {
  const { records, bytes, elapsedMs, inputMs, consumerMs, megabytesPerSecond, recordsPerSecond } = ending
    ? total
    : sinceLast;
  const seconds = (ms: number): string => `${(ms / 1000).toFixed(3)} s`;
  console.error(
    `${name}${ending ? ` ${ending}` : ''}: ${records} records, ${(bytes / 1e6).toFixed(3)} MB in ${seconds(elapsedMs)}: ` +
      `${megabytesPerSecond.toFixed(1)} MB/s, ${recordsPerSecond.toFixed(0)} records/s; ` +
      `waited ${seconds(inputMs)} for the input, ${seconds(consumerMs)} for the consumer`,
  );
}
