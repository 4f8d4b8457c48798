import { byteLengthOf } from '../base/byteLengthOf.js';
import { MillraceError } from '../base/errors.js';
import { warn } from '../base/warn.js';
import type { Gate } from './gate.js';

/** The reaction to unrequested items: a process warning or an error notification. */
export type OverrunPolicy = 'warn' | 'error';

const EXCESS_ITEMS = 65_536;
const EXCESS_BYTES = 64 * 1024 * 1024;

const REMEDY =
  'An earlier source or operator emits items that were not requested, so the memory is filling with items. Examples ' +
  'are from(), range(), delay(), observeOn(), share() with several subscribers, and concatMap() and ' +
  'mergeMap() with slow inner Observables. Use fromIterable(), mapAsync() or broadcast() instead; see ' +
  'docs/backpressure.md.';

/**
 * Reports overruns: items that arrive after the gate was closed in an earlier turn of the event loop. In the turn in
 * which the gate is closed, up to 65,536 items and 64 MiB are allowed, because a synchronous RxJS operator may make
 * several items from one.
 */
export class OverrunWatch {
  readonly #gate: Gate;
  readonly #name: string;
  readonly #policy: OverrunPolicy;
  #items = 0;
  #bytes = 0;
  #isReported = false;

  constructor(gate: Gate, name: string, policy: OverrunPolicy = 'warn') {
    this.#gate = gate;
    this.#name = name;
    this.#policy = policy;
  }

  /** Call this before the item is queued. Throws if the policy is `error`. */
  arrived(item: unknown): void {
    this.#gate.arrivals++;
    if (this.#gate.isOpen) this.#items = this.#bytes = 0;
    else if (!this.#isReported) this.#late(item);
  }

  #late(item: unknown): void {
    this.#items++;
    this.#bytes += byteLengthOf(item);
    const isLate = this.#gate.isClosedSinceEarlierTurn;
    if (!isLate && this.#items <= EXCESS_ITEMS && this.#bytes <= EXCESS_BYTES) return;
    this.#isReported = true;
    const found = isLate
      ? 'had stopped requesting items, but received an item in a later turn of the event loop'
      : `received ${this.#items} items (${this.#bytes} bytes) within one turn of the event loop after it had ` +
        'stopped requesting items';
    const message = `${this.#name} ${found}. ${REMEDY}`;
    if (this.#policy === 'error') throw new MillraceError(message, { code: 'ERR_OVERRUN' });
    warn('MILLRACE_OVERRUN', message);
  }
}
