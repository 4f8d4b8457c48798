import { currentTurn } from '../base/currentTurn.js';
import { reportUncaught } from '../base/reportUncaught.js';

export type Waiter = () => void;

/**
 * The demand of its owner, a consumer or a boundary. It is open while the owner wants items.
 *
 * A source or boundary above it reads `isOpen` before it emits, and waits with {@link Gate.whenOpen} while the gate is
 * closed. Operators in between are synchronous and do not know the gate.
 *
 * Memory: one entry for each waiter. A waiter must cancel at teardown.
 */
export class Gate {
  /** Change it only with {@link open} and {@link close}. */
  isOpen: boolean;
  /** The number of items that the owner has received. */
  arrivals = 0;
  readonly #waiters = new Set<Waiter>();
  readonly #below: () => Iterable<Gate>;
  #closedInTurn: number;
  #closings = 0;
  #isWaking = false;

  /** @param below - returns the gates that an item must pass after this one. Default: none, for the consumer's gate. */
  constructor(isOpen = true, below: () => Iterable<Gate> = () => []) {
    this.isOpen = isOpen;
    this.#below = below;
    this.#closedInTurn = isOpen ? 0 : currentTurn();
  }

  /**
   * Returns whether it was closed in an earlier turn of the event loop and has not opened since, so that all sources
   * above could know.
   */
  get isClosedSinceEarlierTurn(): boolean {
    return !this.isOpen && currentTurn() > this.#closedInTurn;
  }

  /**
   * Identifies the current wait of the consumer. It changes each time this gate or one below closes, and is `undefined`
   * while one of them is closed.
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

  get waiting(): number {
    return this.#waiters.size;
  }

  close(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.#closings++;
    this.#closedInTurn = currentTurn();
  }

  /**
   * Opens the gate, and calls the waiters in order until one of them closes it again.
   *
   * A call from a waiter only opens the gate. If a waiter throws, its error is reported as uncaught, and the others are
   * still called.
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

  /** Calls `waiter` once, now or when the gate opens. A second registration has no effect. */
  whenOpen(waiter: Waiter): void {
    if (this.isOpen && !this.#isWaking) waiter();
    else this.#waiters.add(waiter);
  }

  cancel(waiter: Waiter): void {
    this.#waiters.delete(waiter);
  }
}
