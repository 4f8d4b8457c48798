import type { Observable, Subscription } from 'rxjs';
import { requireOptions } from '../base/parseOptions.js';
import { requireSource } from '../base/requireSource.js';
import { Gate } from '../demand/gate.js';
import { gatedSubscriber, subscribeGated } from '../demand/operate.js';

/** A gate that a test opens and closes. The consumer requests items while its gate is open. */
export interface HandGate {
  readonly isOpen: boolean;
  /** The number of operators and sources that wait until the gate opens. */
  readonly waiting: number;
  /** Starts to request items. */
  open(): void;
  /** Stops requesting items. */
  close(): void;
}

/** A consumer with a {@link HandGate}. */
export interface HandConsumer<T> {
  readonly gate: HandGate;
  readonly items: readonly T[];
  /** Returns `'complete'` or the error if the source has ended. */
  readonly ending: () => unknown;
  readonly subscription: Subscription;
}

/** Options of {@link consumeByHand}. */
export interface ConsumeByHandOptions<T> {
  /** If true, the gate is open at the start. Default: false. */
  readonly isOpen?: boolean | undefined;
  /** Called with each item. */
  readonly onItem?: ((item: T, gate: HandGate) => void) | undefined;
}

/**
 * Consumes a pipeline, and requests items only while the test keeps the gate open.
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
 * Memory: all received items. `subscription.unsubscribe()` ends the pipeline.
 *
 * Throws a ConfigError if the source is not an Observable, or if an option is invalid.
 */
export function consumeByHand<T>(source: Observable<T>, options: ConsumeByHandOptions<T> = {}): HandConsumer<T> {
  requireSource('consumeByHand', source);
  requireOptions('consumeByHand', options, '{ isOpen: true }');
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
