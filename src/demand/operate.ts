import { Observable, Subscriber } from 'rxjs';
import { PROTOCOL } from '../base/shared.js';
import { GATE, gateOf, within } from './context.js';
import type { Gate } from './gate.js';

/**
 * The reactions of an operator to the notifications of its source. An exception of a handler becomes an error of the
 * destination.
 */
export interface Handlers<T> {
  readonly next: (value: T) => void;
  /** Default: forwards the error. */
  readonly error?: ((error: unknown) => void) | undefined;
  /** Default: completes the destination. */
  readonly complete?: (() => void) | undefined;
  /** Objects that subscribers above find with `carriedBelow`, by symbol. Default: none. */
  readonly carries?: Readonly<Record<symbol, object>> | undefined;
  /** The operator's name if it buffers items. `resumable` rejects such operators below it. */
  readonly holds?: string | undefined;
}

export const HOLDS = Symbol.for(`millrace.holds@${PROTOCOL}`);

type Destination = Pick<Subscriber<unknown>, 'error' | 'complete'>;

/**
 * A subscriber that is linked to its destination: if one stops, the other stops, even inside a synchronous source.
 *
 * RxJS sets `this.destination` to null when downstream closes. So `out` keeps the destination; otherwise an error that
 * a handler throws at that moment would become a TypeError. No method that `super()` may call is overridden: with a
 * closed destination, `super()` already unsubscribes.
 */
class LinkedSubscriber<T> extends Subscriber<T> {
  declare readonly [GATE]: Gate | undefined;
  declare readonly [HOLDS]: string | undefined;
  declare private readonly handlers: Handlers<T>;
  declare private readonly out: Destination;

  constructor(handlers: Handlers<T>, destination?: Subscriber<unknown>, gate?: Gate) {
    super(destination);
    this[GATE] = gate;
    this[HOLDS] = handlers.holds;
    this.handlers = handlers;
    this.out = destination ?? this;
    if (handlers.carries) Object.assign(this, handlers.carries);
  }

  protected override _next(value: T): void {
    try {
      this.handlers.next(value);
    } catch (error) {
      this.out.error(error);
    }
  }

  // Upstream is released at its end, even if items are still buffered here. A FIFO must not stay open while a queue
  // drains.
  protected override _error(error: unknown): void {
    try {
      if (this.handlers.error) this.handlers.error(error);
      else this.out.error(error);
    } catch (thrown) {
      this.out.error(thrown);
    } finally {
      this.unsubscribe();
    }
  }

  protected override _complete(): void {
    try {
      if (this.handlers.complete) this.handlers.complete();
      else this.out.complete();
    } catch (thrown) {
      this.out.error(thrown);
    } finally {
      this.unsubscribe();
    }
  }
}

/**
 * Returns the Observable of an operator without a gate. Every operator of this package is built with it, with
 * `boundary`, or from RxJS's operators.
 *
 * @param connect - called at each subscription. Keep state in its closures.
 */
export function operate<T, R>(
  source: Observable<T>,
  connect: (destination: Subscriber<R>) => Handlers<T>,
): Observable<R> {
  return new Observable<R>((destination) => {
    const handlers = connect(destination);
    if (!destination.closed) source.subscribe(new LinkedSubscriber(handlers, destination));
  });
}

/**
 * Returns a subscriber with a gate, which sources above it obey. Subscribe it with {@link subscribeGated}.
 *
 * @param destination - closes the subscriber when it closes. Default: none, for a consumer.
 */
export function gatedSubscriber<T>(
  gate: Gate,
  handlers: Handlers<T>,
  destination?: Subscriber<unknown>,
): Subscriber<T> {
  return new LinkedSubscriber(handlers, destination, gate);
}

export function subscribeGated<T>(source: Observable<T>, subscriber: Subscriber<T>): void {
  within(gateOf(subscriber), () => source.subscribe(subscriber));
}
