import { currentTurn } from '../base/currentTurn.js';
import { reportUncaught } from '../base/reportUncaught.js';

/** Called when a {@link Gate} opens. */
export type Waiter = () => void;

/**
 * Demand, beside the Observable instead of through it. It is open while its owner, a consumer or a boundary, wants items.
 *
 * A source or boundary above it reads `isOpen` before it emits, and waits with {@link Gate.whenOpen} while the gate is
 * closed. Operators between the two are synchronous and do not know the gate.
 *
 * Memory: one entry for each waiter. A waiter must cancel at teardown.
 */
export class Gate {
  /** Whether an item may pass now. Change it with {@link open} and {@link close} only. */
  isOpen: boolean;
  /** The number of items that its owner has received. */
  arrivals = 0;
  readonly #waiters = new Set<Waiter>();
  readonly #below: () => Iterable<Gate>;
  #closedInTurn: number;
  #closings = 0;
  #isWaking = false;

  /**
   * @param isOpen - whether it is open at first.
   * @param below - returns the gates that an item must pass after this one. Default: none, for the consumer's own gate.
   */
  constructor(isOpen = true, below: () => Iterable<Gate> = () => []) {
    this.isOpen = isOpen;
    this.#below = below;
    this.#closedInTurn = isOpen ? 0 : currentTurn();
  }

  /** Whether it was closed in an earlier turn of the event loop and has not opened since. All above could know. */
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

  /** The number of waiters. */
  get waiting(): number {
    return this.#waiters.size;
  }

  /** Stops items from passing. */
  close(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.#closings++;
    this.#closedInTurn = currentTurn();
  }

  /**
   * Lets items pass, and calls the waiters in their order until one of them has the gate closed again.
   *
   * A call from inside a waiter only opens the gate. If a waiter throws, its error is reported as uncaught, and the others
   * are still called.
   */
  open(): void {
    this.isOpen = true;
    if (this.#isWaking || this.#waiters.size === 0) return;
    this.#isWaking = true;
    for (const waiter of this.#waiters) {
      if (!this.isOpen) break;
      this.#waiters.delete(waiter);
      try {
        waiter();
      } catch (error) {
        reportUncaught(error);
      }
    }
    this.#isWaking = false;
  }

  /** Calls `waiter` once: now if the gate is open, else when it opens. Waiting twice is waiting once. */
  whenOpen(waiter: Waiter): void {
    if (this.isOpen && !this.#isWaking) waiter();
    else this.#waiters.add(waiter);
  }

  /** Removes a waiter. */
  cancel(waiter: Waiter): void {
    this.#waiters.delete(waiter);
  }
}
