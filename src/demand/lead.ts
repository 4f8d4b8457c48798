import type { Gate } from './gate.js';
import { warn } from '../base/warn.js';

const EXCESS_ITEMS = 65_536;

/**
 * Detects a source or boundary that runs ahead of the sources that its own items opened.
 *
 * An inner source of `concatMap` uses the same gate as the outer source. While the inner source waits for its file,
 * that gate is open. So the outer source goes on emitting, and `concatMap` keeps every item. A lead that is made while
 * another one emits under the same gate follows that one until it closes. A lead with followers waits one turn of the
 * event loop after each item, and warns once it is far ahead.
 */
export class Lead {
  /** The number of followers. */
  followers = 0;
  readonly gate: Gate;
  readonly #name: string;
  readonly #followed: Lead | undefined;
  /** Items emitted with followers, less those that led to another follower. An item without followers resets it. */
  ahead = 0;
  #hasEnded = false;
  #isReported = false;
  #rest: NodeJS.Immediate | undefined;

  /**
   * @param name - the operator's name in the report.
   * @param outer - the emitter in whose emission it is made, if both heed the same gate.
   */
  constructor(name: string, gate: Gate, outer: Lead | undefined) {
    this.gate = gate;
    this.#name = name;
    this.#followed = outer?.heir();
    this.#followed?.joined();
  }

  /** Whether it waits for the next turn of the event loop. */
  get isResting(): boolean {
    return this.#rest !== undefined;
  }

  /** Returns the lead to follow: this one, or after its end the one that it followed. `concatMap` goes on at an end. */
  heir(): Lead | undefined {
    return this.#hasEnded ? this.#followed : this;
  }

  /** Adds a follower. */
  joined(): void {
    this.followers++;
    if (this.ahead > 0) this.ahead--;
  }

  /** Removes a follower. */
  left(): void {
    this.followers--;
  }

  /** Counts items emitted with followers, and calls `resume` on the next turn of the event loop. */
  emitted(items: number, resume: () => void): void {
    this.ahead += items;
    if (this.ahead > EXCESS_ITEMS && !this.#isReported) this.#report();
    this.rest(resume);
  }

  /** Calls `resume` on the next turn of the event loop. */
  rest(resume: () => void): void {
    this.#rest ??= setImmediate(() => {
      this.#rest = undefined;
      resume();
    });
  }

  /** Must be called before the end is notified. */
  end(): void {
    this.#hasEnded = true;
  }

  /** Stops following. */
  close(): void {
    clearImmediate(this.#rest);
    this.#followed?.left();
  }

  #report(): void {
    this.#isReported = true;
    warn(
      'MILLRACE_OVERRUN',
      `${this.#name} has emitted ${this.ahead} items while a source that one of its items opened was still being ` +
        'read. A concatMap, concatAll, exhaustMap or mergeMap with a concurrency below it takes all of them. Use ' +
        'flatMapSources, or interleave for several sources at a time: see docs/backpressure.md.',
    );
  }
}
