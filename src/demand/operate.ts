import { Observable, Subscriber } from 'rxjs';
import { PROTOCOL } from '../base/shared.js';
import { GATE, gateOf, within } from './context.js';
import type { Gate } from './gate.js';

/** If a handler throws, the destination receives the error. */
export interface Handlers<T> {
  readonly next: (value: T) => void;
  readonly error?: ((error: unknown) => void) | undefined;
  readonly complete?: (() => void) | undefined;
  /** Objects, by symbol, that upstream subscribers find with `carriedBelow`. */
  readonly carries?: Readonly<Record<symbol, object>> | undefined;
  /** The name of the operator, if it buffers items. `resumable` rejects buffering operators downstream of itself. */
  readonly holds?: string | undefined;
}

export const HOLDS = Symbol.for(`millrace.holds@${PROTOCOL}`);

type Destination = Pick<Subscriber<unknown>, 'error' | 'complete'>;

/**
 * A subscriber that stops together with its destination, even inside a synchronous source.
 *
 * RxJS sets `this.destination` to null when the destination closes, so without `out`, a handler's error would become a
 * TypeError. The base constructor unsubscribes if the destination is closed, so do not override methods that the
 * constructor calls.
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

  // Releases the source immediately, because a FIFO must not stay open while a buffer drains.
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
 * Makes an operator without a gate.
 *
 * @param connect - makes the handlers, whose closures keep a subscription's state.
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
 * Returns a subscriber, for {@link subscribeGated}, with a gate that upstream sources obey.
 *
 * @param destination - the subscriber closes when `destination` closes. A consumer has no destination.
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
