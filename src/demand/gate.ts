import { reportUncaught } from '../base/reportUncaught.js';
import { currentTurn } from './turn.js';

/** Wakes whoever waits for a {@link Gate}. */
export type Waiter = () => void;

/**
 * Demand, beside the Observable instead of through it: open while whoever made it wants items, closed while not.
 *
 * Whoever stands above it (a source, or another boundary) looks at `isOpen` before it emits, and waits by
 * {@link Gate.whenOpen} where it is closed. What stands between the two is synchronous and knows nothing of it.
 *
 * Memory: one entry for each waiter that waits; a waiter that is torn down must cancel.
 */
export class Gate {
  /** Whether an item may pass now. Read it before every emission; change it through {@link open} and {@link close}. */
  isOpen: boolean;
  /** The number of items that its owner has received. */
  arrivals = 0;
  readonly #waiters = new Set<Waiter>();
  readonly #below: () => Iterable<Gate>;
  #closedInTurn: number;
  #closings = 0;
  #waking = false;

  /**
   * @param isOpen - whether it is open at first.
   * @param below - returns the gates that an item must pass after this one. Default: none, for the consumer's own gate.
   */
  constructor(isOpen = true, below: () => Iterable<Gate> = () => []) {
    this.isOpen = isOpen;
    this.#below = below;
    this.#closedInTurn = isOpen ? 0 : currentTurn();
  }

  /** Whether it has stood closed since an earlier turn of the event loop, so that all above could know. */
  get isClosedSinceEarlierTurn(): boolean {
    return !this.isOpen && currentTurn() > this.#closedInTurn;
  }

  /**
   * Identifies the current wait of the consumer. The number changes each time this gate or one below it closes. It is
   * `undefined` while one of them is closed.
   */
  get consumerWait(): number | undefined {
    if (!this.isOpen) return undefined;
    let closings = this.#closings;
    for (const gate of this.#below()) {
      const wait = gate.consumerWait;
      if (wait === undefined) return undefined;
      closings += wait;
    }
    return closings;
  }

  /** How many wait for it to open. */
  get waiting(): number {
    return this.#waiters.size;
  }

  /** Lets no further item pass. */
  close(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.#closings++;
    this.#closedInTurn = currentTurn();
  }

  /**
   * Lets items pass, and wakes who waits, first come first served, until one of them has it closed again.
   *
   * It is not re-entrant: an `open()` from inside a woken waiter only opens. A waiter that throws is a fault of that
   * waiter alone: the others are woken all the same, and its error is reported as uncaught.
   */
  open(): void {
    this.isOpen = true;
    if (this.#waking || this.#waiters.size === 0) return;
    this.#waking = true;
    for (const waiter of this.#waiters) {
      if (!this.isOpen) break;
      this.#waiters.delete(waiter);
      try {
        waiter();
      } catch (error) {
        reportUncaught(error);
      }
    }
    this.#waking = false;
  }

  /** Calls `waiter` once, when the gate is next open: at once where it is. Waiting twice is waiting once. */
  whenOpen(waiter: Waiter): void {
    if (this.isOpen && !this.#waking) waiter();
    else this.#waiters.add(waiter);
  }

  /** Forgets a waiter. */
  cancel(waiter: Waiter): void {
    this.#waiters.delete(waiter);
  }
}
