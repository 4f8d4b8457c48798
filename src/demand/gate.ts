import type { Subscriber } from 'rxjs';
import type { Lead } from './lead.js';
import { PROTOCOL, shared } from '../base/shared.js';
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

/** Throws where nobody is there to catch: what is nobody's fault but a callback's. */
export function reportUncaught(error: unknown): void {
  setImmediate(() => {
    throw error;
  });
}

/** The gate and lead of subscriptions that no chain of subscribers leads to. All copies of this package share them. */
const demand = shared('demand', () => {
  // For a consumer without a gate, such as a plain `subscribe()`. Always open.
  const ungated = new Gate();
  return { ungated, gate: ungated, lead: undefined as Lead | undefined };
});

/** Whether a gate belongs to a consumer without a gate of its own. */
export const isUngated = (gate: Gate): boolean => gate === demand.ungated;

/** Returns the lead that is emitting now. */
export const currentLead = (): Lead | undefined => demand.lead;

/** Runs a user's own function, so that what it subscribes to is not held back by the pipeline that called it. */
export function withoutGate<T>(work: () => T): T {
  return within(demand.ungated, work);
}

/** The property by which a subscriber carries the gate that all above it have to heed. */
export const GATE = Symbol.for(`millrace.gate@${PROTOCOL}`);

/** What the way down from a subscriber to what it carries reads. */
interface Link {
  readonly [kind: symbol]: unknown;
  readonly destination?: Link | null;
}

/**
 * The nearest thing of a kind that a subscriber, or one downstream of it, carries for all above it; `undefined` where
 * there is none, or where the chain is broken (`share`, a hand-made operator) before it.
 *
 * @param kind - the property that it is carried in: see `carries` of an operator's handlers.
 */
export function carriedBelow(subscriber: Subscriber<unknown>, kind: symbol): unknown {
  let link: Link | null | undefined = subscriber as unknown as Link;
  while (link) {
    const carried = link[kind];
    if (carried) return carried;
    link = link.destination;
  }
  return undefined;
}

/** Returns the last subscriber of the chain. It is the same for each subscription that `repeat` makes. */
export function consumerOf(subscriber: Subscriber<unknown>): object {
  let link = subscriber as unknown as Link;
  while (link.destination) link = link.destination;
  return link;
}

/**
 * Runs `work`. Subscriptions within it use `gate` if no chain of subscribers leads to another.
 *
 * @param lead - the lead that emits. Default: the current one.
 */
export function within<T>(gate: Gate, work: () => T, lead: Lead | undefined = demand.lead): T {
  const { gate: outerGate, lead: outerLead } = demand;
  demand.gate = gate;
  demand.lead = lead;
  try {
    return work();
  } finally {
    demand.gate = outerGate;
    demand.lead = outerLead;
  }
}

/**
 * The gate that a new subscription has to heed: the nearest one downstream of its subscriber, or where the chain is
 * broken (`share`, a hand-made operator), the one under which the subscription happens.
 */
export function gateOf(subscriber: Subscriber<unknown>): Gate {
  return (carriedBelow(subscriber, GATE) as Gate | undefined) ?? demand.gate;
}
