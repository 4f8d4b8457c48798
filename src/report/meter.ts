import { byteLengthOf } from '../base/byteLengthOf.js';
import type { Phase } from '../demand/observer.js';

/** The counts and times of a period. Times are in milliseconds. */
export interface MeterFigures {
  readonly records: number;
  readonly bytes: number;
  readonly elapsedMs: number;
  /** The time that the consumer waited for records. */
  readonly inputMs: number;
  /** The time that the consumer was busy and requested no records. */
  readonly consumerMs: number;
  /** The time that the thread worked on the pipeline, upstream or downstream of the `monitor` or stage. */
  readonly workMs: number;
  /** Millions of bytes per second. */
  readonly megabytesPerSecond: number;
  /** The average over `elapsedMs`. */
  readonly recordsPerSecond: number;
}

export type Tally = Readonly<Record<Phase | 'records' | 'bytes', number>>;

export const ZERO_TALLY: Tally = { records: 0, bytes: 0, inputMs: 0, consumerMs: 0, workMs: 0 };

/** Measures the time in each phase. Reads the clock only when the phase changes. */
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
   * @param now - a monotonic clock in milliseconds.
   * @param isRunning - true to start in the phase `inputMs`, false to start with the clock stopped.
   */
  constructor(now: () => number = () => performance.now(), isRunning = true) {
    this.#now = now;
    this.#phase = isRunning ? 'inputMs' : undefined;
    this.#since = now();
  }

  get phase(): Phase | undefined {
    return this.#phase;
  }

  count(item: unknown): void {
    this.records++;
    // V8 reads `length` several nanoseconds faster than `byteLength`.
    this.bytes += item instanceof Uint8Array ? item.length : byteLengthOf(item);
  }

  /**
   * Enters a phase. `undefined` stops the clock.
   *
   * @param at - the current time, if the caller already knows it.
   */
  enter(phase: Phase | undefined, at?: number): void {
    if (phase === this.#phase) return;
    this.#tick(at ?? this.#now());
    this.#phase = phase;
  }

  tally(at = this.#now()): Tally {
    this.#tick(at);
    const { records, bytes } = this;
    return { records, bytes, inputMs: this.#inputMs, consumerMs: this.#consumerMs, workMs: this.#workMs };
  }

  read(): { readonly total: MeterFigures; readonly sinceLast: MeterFigures } {
    const tally = this.tally();
    const last = this.#last;
    this.#last = tally;
    return { total: figuresBetween(ZERO_TALLY, tally), sinceLast: figuresBetween(last, tally) };
  }

  protected add(phase: Phase, ms: number): void {
    // An object with the phases as keys would be several times slower.
    if (phase === 'inputMs') this.#inputMs += ms;
    else if (phase === 'consumerMs') this.#consumerMs += ms;
    else this.#workMs += ms;
  }

  #tick(now: number): void {
    if (this.#phase) this.add(this.#phase, now - this.#since);
    this.#since = now;
  }
}

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
