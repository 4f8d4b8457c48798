import { z } from 'zod';
import { lazy } from './lazy.js';
import { positiveInteger } from './parseOptions.js';

/** A number of simultaneous calls, or `auto`: see {@link AutoConcurrency}. */
export const concurrencyField = lazy(() =>
  z.union([positiveInteger(), z.literal('auto')], {
    error: "expected a positive integer or 'auto'",
  }),
);

/** Timers and the scheduler make measurements of shorter periods unreliable. */
const SHORTEST_PERIOD_MS = 50;

/** A larger limit is kept if it shortens the consumer's waiting time for a result by at least this share. */
const WORTHWHILE = 0.1;

/** If the consumer waits for less than this share of the time, the limit does not change. */
const NEGLIGIBLE = 0.05;

/** Each failed trial doubles the number of periods until the next trial, up to this number. */
const LONGEST_REST = 64;

/** The number of simultaneous calls of a stage, which may change. */
export interface Concurrency {
  readonly limit: number;
  /** True if the last trial of a larger limit failed. */
  readonly isSettled: boolean;
  /** Sets whether the consumer waits for a result while all calls are in use. */
  readonly setWaiting: (isWaiting: boolean) => void;
  /** Counts a result that the consumer has received. */
  readonly countResult: () => void;
}

export function concurrencyOf(option: number | 'auto', automatic: AutoConcurrencyOptions): Concurrency {
  if (option === 'auto') return new AutoConcurrency(automatic);
  return { limit: option, isSettled: true, setWaiting: () => undefined, countResult: () => undefined };
}

export interface AutoConcurrencyOptions {
  readonly start: number;
  readonly max: number;
  /** A monotonic clock in milliseconds. */
  readonly now?: () => number;
}

/**
 * Finds a good number of simultaneous calls while they run. Measures how long the consumer waits for each result while
 * all calls are in use. Increases the limit by half while each increase shortens this time by at least 10 %.
 */
export class AutoConcurrency implements Concurrency {
  limit: number;
  isSettled = false;
  readonly #max: number;
  readonly #now: () => number;
  #waitingSince: number | undefined;
  #waitedMs = 0;
  #results = 0;
  #startedAt: number;
  /** The number of results that calls under the previous limit may still deliver. These results are not measured. */
  #settling = 0;
  #trial: { readonly limit: number; readonly waitMs: number } | undefined;
  #rest = 1;
  #restLeft = 0;

  constructor({ start, max, now = () => performance.now() }: AutoConcurrencyOptions) {
    this.limit = start;
    this.#max = max;
    this.#now = now;
    this.#startedAt = now();
  }

  /** Reads the clock only if `isWaiting` changes. */
  setWaiting(isWaiting: boolean): void {
    if (isWaiting === (this.#waitingSince !== undefined)) return;
    const now = this.#now();
    if (this.#waitingSince !== undefined) this.#waitedMs += now - this.#waitingSince;
    this.#waitingSince = isWaiting ? now : undefined;
  }

  countResult(): void {
    if (this.#settling > 0) {
      this.#settling--;
      if (this.#settling === 0) this.#beginPeriod(this.#now());
      return;
    }
    this.#results++;
    if (this.#results < 2 * this.limit) return;
    const now = this.#now();
    if (now - this.#startedAt >= SHORTEST_PERIOD_MS) this.#endPeriod(now);
  }

  #beginPeriod(now: number): void {
    this.#startedAt = now;
    this.#results = 0;
    this.#waitedMs = 0;
    if (this.#waitingSince !== undefined) this.#waitingSince = now;
  }

  #endPeriod(now: number): void {
    const waitMs = this.#waitedMs / this.#results;
    const isWaitLong = this.#waitedMs > NEGLIGIBLE * (now - this.#startedAt);
    const trial = this.#trial;
    this.#trial = undefined;
    this.#beginPeriod(now);
    const isWorse = trial !== undefined && waitMs > (1 - WORTHWHILE) * trial.waitMs;
    if (trial) this.isSettled = isWorse;
    if (isWorse) {
      this.#setLimit(trial.limit);
      this.#restLeft = this.#rest;
      this.#rest = Math.min(2 * this.#rest, LONGEST_REST);
    } else if (isWaitLong && this.limit < this.#max && this.#restLeft-- <= 0) {
      this.#trial = { limit: this.limit, waitMs };
      this.#setLimit(Math.min(this.#max, Math.ceil(1.5 * this.limit)));
    }
  }

  #setLimit(limit: number): void {
    this.#settling = Math.max(this.limit, limit);
    this.limit = limit;
  }
}
