import type { Gate } from './gate.js';
import { warn } from '../base/warn.js';

const EXCESS_ITEMS = 65_536;

/**
 * Detects an outer source that emits too many items while earlier inner sources are open.
 *
 * The inner sources of `concatMap` use the gate of the outer source. While an inner source waits for data, this gate is
 * open, so the outer source continues to emit, and `concatMap` buffers every item.
 *
 * Each source or boundary has a `Lead`. If an inner source is subscribed while the outer source emits, the inner lead
 * follows the outer lead until the inner source closes. A source whose lead has followers waits for one turn of the
 * event loop after each item. The lead warns if more than 65,536 of these items have opened no inner source.
 */
export class Lead {
  followers = 0;
  readonly gate: Gate;
  readonly #name: string;
  readonly #followed: Lead | undefined;
  /**
   * The number of items emitted while there were followers. Items that created a follower do not count. An item emitted
   * without followers sets this number to 0.
   */
  ahead = 0;
  #hasEnded = false;
  #isReported = false;
  #rest: NodeJS.Immediate | undefined;

  /** @param outer - the `Lead` of the operator that is emitting now, if this operator has the gate `gate`. */
  constructor(name: string, gate: Gate, outer: Lead | undefined) {
    this.gate = gate;
    this.#name = name;
    this.#followed = outer?.heir();
    this.#followed?.joined();
  }

  get isResting(): boolean {
    return this.#rest !== undefined;
  }

  /**
   * Returns the lead that new leads must follow: before the end of the source this lead, and after the end the lead
   * that this lead follows. `concatMap` subscribes to the next inner source while the previous one completes.
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

  /** Counts the items that the source has just emitted. Calls `resume` in the next turn of the event loop. */
  emitted(items: number, resume: () => void): void {
    this.ahead += items;
    if (this.ahead > EXCESS_ITEMS && !this.#isReported) this.#report();
    this.rest(resume);
  }

  rest(resume: () => void): void {
    this.#rest ??= setImmediate(() => {
      this.#rest = undefined;
      resume();
    });
  }

  /** Call this before the source emits its completion or error. */
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
      `${this.#name} has emitted ${this.ahead} items while a later operator still reads the inner source of a previous ` +
        'item. That operator stores the new items in memory (concatMap(), concatAll(), or mergeMap() with a ' +
        'concurrency) or drops them (exhaustMap()). Use flatMapSources() instead. To read several sources at the same time, use interleave(). ' +
        'See docs/backpressure.md.',
    );
  }
}
