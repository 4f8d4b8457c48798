import { byteLengthOf } from '../base/byteLengthOf.js';
import { MillraceError } from '../base/errors.js';
import { warn } from '../base/warn.js';
import type { Gate } from './gate.js';

/** What a boundary does when more comes than its gate let pass: a process warning, or an error notification. */
export type OverrunPolicy = 'warn' | 'error';

const EXCESS_ITEMS = 65_536;
const EXCESS_BYTES = 64 * 1024 * 1024;

const REMEDY =
  'Something above it does not heed demand and lets items pile up in memory: from, range, delay, observeOn, concatMap or ' +
  'mergeMap with slow inner work, or share with more than one sink. Use fromIterable, mapAsync or broadcast instead; ' +
  'docs/backpressure.md says which for what.';

/**
 * Watches items that arrive at a closed gate.
 *
 * Some may: a synchronous operator of RxJS cannot be stopped while it makes several items of one. It is an overrun if the
 * gate closed in an earlier turn of the event loop, or if more than 65,536 items or 64 MiB come within one turn.
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

  /** Must be called for each item, before it is queued. Throws if the policy is `error`. */
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
      ? 'received an item long after it had asked its source to stop'
      : `received ${this.#items} items (${this.#bytes} bytes) at once after it had asked its source to stop`;
    const message = `${this.#name} ${found}. ${REMEDY}`;
    if (this.#policy === 'error') throw new MillraceError(message, { code: 'ERR_OVERRUN' });
    warn('MILLRACE_OVERRUN', message);
  }
}
