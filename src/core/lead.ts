import { currentLead, isUngated, type Gate } from './gate.js';
import { warn } from './warn.js';

const EXCESS_ITEMS = 65_536;

/**
 * Watches what emits under a gate (a source, a boundary) for running ahead of what one of its own items has led to.
 *
 * An inner source of `concatMap` heeds the same gate as the outer one. While it waits for its file that gate is open, so
 * the outer source goes on, and `concatMap` keeps all that comes. What was subscribed within an emission under the same
 * gate, and is still there, follows that emitter. An emitter with followers lets the event loop turn after each item, and
 * is reported once it is far ahead.
 */
export class Lead {
  /** How many follow. */
  followers = 0;
  readonly gate: Gate;
  readonly #name: string;
  readonly #followed: Lead | undefined;
  /** How many items it has emitted with followers, less those that have led to a further one. An item without sets it to 0. */
  ahead = 0;
  #hasEnded = false;
  #isReported = false;
  #rest: NodeJS.Immediate | undefined;

  /**
   * Follows the emitter in whose emission it is made.
   *
   * @param name - as the user wrote it: the report calls it so.
   */
  constructor(gate: Gate, name: string) {
    this.gate = gate;
    this.#name = name;
    const outer = currentLead();
    if (outer?.gate !== gate || isUngated(gate)) return;
    this.#followed = outer.heir();
    this.#followed?.joined();
  }

  /** Whether the event loop has not turned yet since it began to rest. */
  get isResting(): boolean {
    return this.#rest !== undefined;
  }

  /** What is followed instead of it: itself, and after its end what it followed, since `concatMap` goes on at an end. */
  heir(): Lead | undefined {
    return this.#hasEnded ? this.#followed : this;
  }

  /** Has one more follower. */
  joined(): void {
    this.followers++;
    if (this.ahead > 0) this.ahead--;
  }

  /** Has one follower less. */
  left(): void {
    this.followers--;
  }

  /** Has emitted items while it has followers: it rests, and `resume` is called on the next turn of the event loop. */
  emitted(items: number, resume: () => void): void {
    this.ahead += items;
    if (this.ahead > EXCESS_ITEMS && !this.#isReported) this.#report();
    this.rest(resume);
  }

  /** Lets the event loop turn before `resume` is called. */
  rest(resume: () => void): void {
    this.#rest ??= setImmediate(() => {
      this.#rest = undefined;
      resume();
    });
  }

  /** Is about to notify its end. */
  end(): void {
    this.#hasEnded = true;
  }

  /** Lets go of what it follows. */
  close(): void {
    clearImmediate(this.#rest);
    this.#followed?.left();
  }

  #report(): void {
    this.#isReported = true;
    warn(
      'MILLRACE_OVERRUN',
      `${this.#name} has emitted ${this.ahead} items while a source that one of its items had led to was still being ` +
        'read. concatMap, concatAll, exhaustMap or mergeMap with a concurrency below it takes all that comes meanwhile. Use ' +
        'flatMapSources, or interleave for several sources at a time; docs/backpressure.md says which for what.',
    );
  }
}
