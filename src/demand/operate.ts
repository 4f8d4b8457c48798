import { Observable, Subscriber } from 'rxjs';
import { GATE, gateOf, within } from './context.js';
import type { Gate } from './gate.js';
import { PROTOCOL } from '../base/shared.js';

/** What an operator does with each notification of its source. */
export interface Handlers<T> {
  /** May throw: that becomes an error of the destination. */
  readonly next: (value: T) => void;
  /** Default: passes the error on. */
  readonly error?: ((error: unknown) => void) | undefined;
  /** Default: completes the destination. */
  readonly complete?: (() => void) | undefined;
  /** What all above find in this subscriber by `carriedBelow`, each under its symbol. Default: nothing. */
  readonly carries?: Readonly<Record<symbol, object>> | undefined;
  /** Who it is, as its user knows it, where items wait in it: what counts delivered items stands below. */
  readonly holds?: string | undefined;
}

/** The property by which a subscriber tells all above it that items wait in it. */
export const HOLDS = Symbol.for(`millrace.holds@${PROTOCOL}`);

/** Where the notifications of a {@link LinkedSubscriber} go by default. */
type Destination = Pick<Subscriber<unknown>, 'error' | 'complete'>;

/**
 * A subscriber that is linked to its destination, so that stopping the one stops the other, even inside a synchronous
 * source.
 *
 * It keeps a destination of its own beside RxJS's `this.destination`, which RxJS sets to null when downstream closes:
 * without it the error that a handler throws just then would be lost behind a `TypeError`. It overrides nothing that
 * `super()` may call, since over a closed destination `super()` already unsubscribes.
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

  // Upstream is released as soon as it has ended, whatever is still held here: a FIFO must not stay open while a
  // queue drains.
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
 * Builds an operator's Observable: the one way in which this package makes one that is not composed of RxJS's own.
 *
 * @param connect - called at each subscription with the destination; its state lives in its closures.
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
 * An Observable that hands its own subscriber on to `source`, which costs nothing for an item, and has it carry something
 * for all above it.
 *
 * @param connect - called at each subscription; `subscribe` takes what is to be carried, each thing under its symbol.
 */
export function carrying<T>(
  source: Observable<T>,
  connect: (destination: Subscriber<T>, subscribe: (carried: Readonly<Record<symbol, object>>) => void) => void,
): Observable<T> {
  return new Observable<T>((destination) => {
    connect(destination, (carried) => {
      Object.assign(destination, carried);
      source.subscribe(destination);
    });
  });
}

/**
 * A consumer with a gate of its own: what it is subscribed to heeds that gate.
 *
 * It exists before it is subscribed, so that it can be unsubscribed while a synchronous source is still subscribing it.
 *
 * @param destination - closes it when it closes itself; a consumer that is no Observable has none.
 */
export function gatedSubscriber<T>(
  gate: Gate,
  handlers: Handlers<T>,
  destination?: Subscriber<unknown>,
): Subscriber<T> {
  return new LinkedSubscriber(handlers, destination, gate);
}

/** Subscribes a {@link gatedSubscriber} under its gate. */
export function subscribeGated<T>(source: Observable<T>, subscriber: Subscriber<T>): void {
  within(gateOf(subscriber), () => source.subscribe(subscriber));
}
