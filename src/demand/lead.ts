import type { Gate } from './gate.js';
import { warn } from '../base/warn.js';

const EXCESS_ITEMS = 65_536;

/**
 * Detects a source or boundary that runs ahead of the sources that its own items opened.
 *
 * An inner source of `concatMap` uses the gate of the outer source. That gate is open while the inner source waits for
 * its file. So the outer source continues to emit, and `concatMap` stores every item. A lead that is created during
 * another lead's emission under the same gate follows that lead until it closes. A lead with followers waits one turn
 * of the event loop after each item, and warns when it is far ahead.
 */
export class Lead {
  followers = 0;
  readonly gate: Gate;
  readonly #name: string;
  readonly #followed: Lead | undefined;
  /** Items emitted with followers, except those that led to another follower. An item without followers resets it. */
  ahead = 0;
  #hasEnded = false;
  #isReported = false;
  #rest: NodeJS.Immediate | undefined;

  /**
   * @param name - the operator's name in the report.
   * @param outer - the lead of the emission in which this one is created, if both use the same gate.
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

  /**
   * Returns the lead to follow: this one, or after its end the one that it followed. `concatMap` continues at an end.
   */
  heir(): Lead | undefined {
    return this.#hasEnded ? this.#followed : this;
  }

  joined(): void {
    this.followers++;
    if (this.ahead > 0) this.ahead--;
  }

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

  /** Call it before the end is notified. */
  end(): void {
    this.#hasEnded = true;
  }

  close(): void {
    clearImmediate(this.#rest);
    this.#followed?.left();
  }

  #report(): void {
    this.#isReported = true;
    warn(
      'MILLRACE_OVERRUN',
      `${this.#name} has emitted ${this.ahead} items before the source that one of them opened had ended. An operator ` +
        'below it stores these items in memory: concatMap, concatAll, exhaustMap, or mergeMap with a concurrency. Use ' +
        'flatMapSources, or interleave for several sources at the same time: see docs/backpressure.md.',
    );
  }
}
