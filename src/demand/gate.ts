import { currentTurn } from '../base/currentTurn.js';
import { demandChanges } from '../base/demandChanges.js';
import { DIAGNOSTICS } from '../base/diagnostics.js';
import { reportUncaught } from '../base/reportUncaught.js';

export type Waiter = () => void;

/**
 * The demand of a consumer or a boundary. A gate is open while its owner requests items.
 *
 * An upstream source or boundary checks `isOpen` before each item, waits with {@link Gate.whenOpen}, and must call
 * `cancel` at teardown.
 */
export class Gate {
  isOpen: boolean;
  arrivals = 0;
  readonly #waiters = new Set<Waiter>();
  readonly #below: () => Iterable<Gate>;
  readonly #name: string;
  #closedInTurn: number;
  #closings = 0;
  #isWaking = false;

  /**
   * @param below - the next gates downstream. A consumer has no next gates.
   * @param name - the gate's stage, for diagnostics.
   */
  constructor(isOpen = true, below: () => Iterable<Gate> = () => [], name = 'a consumer') {
    this.#name = name;
    this.isOpen = isOpen;
    this.#below = below;
    this.#closedInTurn = isOpen ? 0 : currentTurn();
  }

  /**
   * True if the gate has been closed since an earlier turn of the event loop, so all upstream sources had time to stop.
   */
  get isClosedSinceEarlierTurn(): boolean {
    return !this.isOpen && currentTurn() > this.#closedInTurn;
  }

  /**
   * A number that changes each time this gate or a downstream gate closes; `undefined` while one of these gates is
   * closed.
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
    demandChanges.count++;
    this.#closings++;
    this.#closedInTurn = currentTurn();
    if (DIAGNOSTICS.gate.hasSubscribers) this.#publish();
  }

  /**
   * Opens the gate, and calls the waiters until one of them closes the gate again. A call of `open` by a waiter only
   * opens the gate. Waiters' errors are reported as uncaught.
   */
  open(): void {
    const wasOpen = this.isOpen;
    this.isOpen = true;
    if (!wasOpen) demandChanges.count++;
    if (!wasOpen && DIAGNOSTICS.gate.hasSubscribers) this.#publish();
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

  /** Calls `waiter` once, immediately or when the gate opens. Does not add a waiter twice. */
  whenOpen(waiter: Waiter): void {
    if (this.isOpen && !this.#isWaking) waiter();
    else this.#waiters.add(waiter);
  }

  cancel(waiter: Waiter): void {
    this.#waiters.delete(waiter);
  }

  #publish(): void {
    DIAGNOSTICS.gate.publish({ name: this.#name, isOpen: this.isOpen });
  }
}
