import { performance } from 'node:perf_hooks';
import { byteLengthOf } from '../base/byteLengthOf.js';
import type { Phase } from '../demand/observer.js';

/** What was counted in a stretch of time, and where that time went. */
export interface MeterFigures {
  readonly records: number;
  readonly bytes: number;
  readonly elapsedMs: number;
  /** Of `elapsedMs`: records were wanted, and the thread waited for the input. */
  readonly inputMs: number;
  /** Of `elapsedMs`: records were not wanted, since the consumer was busy with what it had. */
  readonly consumerMs: number;
  /** The rest of `elapsedMs`: the thread was at work on the pipeline, above and below the meter. */
  readonly workMs: number;
  /** Millions of bytes a second of `elapsedMs`. */
  readonly megabytesPerSecond: number;
  /** Records a second of `elapsedMs`. */
  readonly recordsPerSecond: number;
}

/** A count, and the time by phase. */
export type Tally = Readonly<Record<Phase | 'records' | 'bytes', number>>;

/** The tally of a beginning. */
export const ZERO_TALLY: Tally = { records: 0, bytes: 0, inputMs: 0, consumerMs: 0, workMs: 0 };

/**
 * Counts records and bytes, and tells the time by what the pipeline was doing. It looks at the clock when that changes,
 * not at each record. `monitor` has one, `report` one for each stage.
 */
export class Meter {
  records = 0;
  bytes = 0;
  readonly #now: () => number;
  #inputMs = 0;
  #consumerMs = 0;
  #workMs = 0;
  #phase: Phase | undefined;
  #since: number;
  #last = ZERO_TALLY;

  /**
   * @param now - a clock in milliseconds that never goes back.
   * @param isRunning - whether it waits for the input from now on, or stands still until it enters a phase.
   */
  constructor(now: () => number = () => performance.now(), isRunning = true) {
    this.#now = now;
    this.#phase = isRunning ? 'inputMs' : undefined;
    this.#since = now();
  }

  /** Counts an item that passes. */
  count(item: unknown): void {
    this.records++;
    // Of bytes, `length` is what V8 reads faster than `byteLength`, by several nanoseconds.
    this.bytes += item instanceof Uint8Array ? item.length : byteLengthOf(item);
  }

  /**
   * Says what the time from now on is spent on; `undefined` stands still.
   *
   * @param at - the time that it is, for one who has just looked at the clock.
   */
  enter(phase: Phase | undefined, at?: number): void {
    if (phase === this.#phase) return;
    this.#tick(at ?? this.#now());
    this.#phase = phase;
  }

  /** What there is so far. */
  tally(at = this.#now()): Tally {
    this.#tick(at);
    const { records, bytes } = this;
    return { records, bytes, inputMs: this.#inputMs, consumerMs: this.#consumerMs, workMs: this.#workMs };
  }

  /** The figures since the beginning, and since this was called last. */
  read(): { readonly total: MeterFigures; readonly sinceLast: MeterFigures } {
    const tally = this.tally();
    const last = this.#last;
    this.#last = tally;
    return { total: figuresBetween(ZERO_TALLY, tally), sinceLast: figuresBetween(last, tally) };
  }

  #tick(now: number): void {
    const ms = now - this.#since;
    this.#since = now;
    // An object with the phases as keys costs several times as much.
    if (this.#phase === 'inputMs') this.#inputMs += ms;
    else if (this.#phase === 'consumerMs') this.#consumerMs += ms;
    else if (this.#phase === 'workMs') this.#workMs += ms;
  }
}

/** The figures of what lies between two tallies of one meter. */
export function figuresBetween(before: Tally, tally: Tally): MeterFigures {
  const records = tally.records - before.records;
  const bytes = tally.bytes - before.bytes;
  const inputMs = tally.inputMs - before.inputMs;
  const consumerMs = tally.consumerMs - before.consumerMs;
  const workMs = tally.workMs - before.workMs;
  const elapsedMs = inputMs + consumerMs + workMs;
  const rate = (count: number): number => (elapsedMs > 0 ? count / elapsedMs : 0);
  return {
    ...{ records, bytes, elapsedMs, inputMs, consumerMs, workMs },
    megabytesPerSecond: rate(bytes) / 1000,
    recordsPerSecond: rate(records) * 1000,
  };
}
