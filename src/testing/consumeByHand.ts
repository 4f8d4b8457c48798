import type { Observable, Subscription } from 'rxjs';
import { Gate } from '../demand/gate.js';
import { gatedSubscriber, subscribeGated } from '../demand/operate.js';

/** A gate that a test opens and closes. */
export interface HandGate {
  /** Whether an item may pass now. */
  readonly isOpen: boolean;
  /** How many above it wait for it to open. */
  readonly waiting: number;
  /** Lets items pass, and wakes who waits. */
  open(): void;
  /** Lets no further item pass. */
  close(): void;
}

/** A consumer whose gate the test opens and closes, and what it has received. */
export interface HandConsumer<T> {
  readonly gate: HandGate;
  /** What has come so far, in order. */
  readonly items: readonly T[];
  /** `'complete'` or the error once the source has ended, `undefined` before. */
  readonly ending: () => unknown;
  readonly subscription: Subscription;
}

/** Options of {@link consumeByHand}. */
export interface ConsumeByHandOptions<T> {
  /** Whether the gate stands open at first. Default: false. */
  readonly isOpen?: boolean | undefined;
  /** Called with each item, for a consumer that closes its gate at one, or opens it again. */
  readonly onItem?: ((item: T, gate: HandGate) => void) | undefined;
}

/**
 * Consumes a pipeline under a gate that the test opens and closes: what stands above it must heed that, and what is held
 * meanwhile can be counted.
 *
 * ```ts
 * import { fromIterable } from 'millrace';
 * import { prefetch } from 'millrace/operators';
 * import { consumeByHand } from 'millrace/testing';
 *
 * let made = 0;
 * function* numbers() {
 *   for (;;) yield made++;
 * }
 * const { gate, items } = consumeByHand(fromIterable(numbers()).pipe(prefetch(3)), {
 *   onItem: (_item, gate) => gate.close(),
 * });
 * console.log(made, items.length); // 3 0
 * gate.open();
 * console.log(made, items.length); // 4 1
 * ```
 *
 * Marbles prove notifications; gates need the real event loop, and this. Memory: all items. Unsubscribe by
 * `subscription`.
 */
export function consumeByHand<T>(source: Observable<T>, options: ConsumeByHandOptions<T> = {}): HandConsumer<T> {
  const gate = new Gate(options.isOpen ?? false);
  const items: T[] = [];
  let ending: unknown;
  const subscription = gatedSubscriber<T>(gate, {
    next: (item) => {
      gate.arrivals++;
      items.push(item);
      options.onItem?.(item, gate);
    },
    error: (error) => {
      ending = error;
    },
    complete: () => {
      ending = 'complete';
    },
  });
  subscribeGated(source, subscription);
  return { gate, items, ending: () => ending, subscription };
}
