import { Observable, type Subscriber } from 'rxjs';
import { Gate } from './gate.js';
import { gateOf, within, leadUnder } from './context.js';
import { isRepeatedNothing } from './passes.js';
import { warn } from '../base/warn.js';
import { gatedSubscriber, subscribeGated } from './operate.js';
import { OverrunWatch } from './overrun.js';
import { Queue } from '../base/queue.js';
import { OBSERVER, observerBelow, observe } from './observer.js';

/** Options of {@link Input}. */
export interface InputOptions {
  /** The name in warnings and reports, such as `zipChannels: labels`. */
  readonly name: string;
  /** The input closes when this subscriber closes. */
  readonly destination: Subscriber<unknown>;
  /** Called when an item or the end has arrived. */
  readonly onChange: () => void;
  /**
   * Returns the inputs that go on if this one is repeated and always empty. It then ends with a warning. Default: none,
   * and that is an error.
   */
  readonly others?: (() => readonly Input<unknown>[]) | undefined;
}

/** One of several sources, subscribed under a gate of its own and asked for one item at a time. */
export class Input<T> {
  readonly #source: Observable<T>;
  readonly #gate: Gate;
  readonly #items = new Queue<T>();
  readonly #subscriber: Subscriber<T>;
  #failure: { readonly error: unknown } | undefined;
  #hasEnded = false;
  #isRepeatedNothing = false;

  constructor(source: Observable<T>, { name, destination, onChange, others = () => [] }: InputOptions) {
    this.#source = source;
    const down = gateOf(destination);
    this.#gate = new Gate(false, () => [down]);
    const watch = new OverrunWatch(this.#gate, name);
    const probe = observe(destination, () => ({
      ...{ name, capacity: 1 },
      phase: () => (this.#gate.isOpen && !this.#hasEnded ? 'inputMs' : 'consumerMs'),
      held: () => this.#items.length,
      isFull: () => this.isReady,
    }));
    const handlers = {
      carries: probe && { [OBSERVER]: probe },
      holds: name,
      next: (item: T) => {
        watch.arrived(item);
        probe?.count(item);
        this.#items.push(item);
        this.#gate.close();
        onChange();
      },
      error: (error: unknown) => {
        this.#isRepeatedNothing = isRepeatedNothing(error);
        const goOn = this.#isRepeatedNothing && others().some((other) => !other.#isRepeatedNothing);
        if (goOn) warn('MILLRACE_EMPTY_INPUT', emptyInputMessage(name, error));
        else this.#failure = { error };
        this.#hasEnded = true;
        onChange();
      },
      complete: () => {
        this.#hasEnded = true;
        onChange();
      },
    };
    this.#subscriber = gatedSubscriber(this.#gate, handlers, destination);
    if (probe) this.#subscriber.add(() => probe.close());
  }

  /** Subscribes to the source. A source that ignores gates may deliver and end within this call. */
  start(): void {
    subscribeGated(this.#source, this.#subscriber);
  }

  /** Whether an item can be taken. */
  get isReady(): boolean {
    return this.#items.length > 0;
  }

  /** Whether it has completed and no item is left. Throws the source's error once no item is left. */
  get isOver(): boolean {
    if (!this.#hasEnded || this.isReady) return false;
    if (this.#failure) throw this.#failure.error;
    return true;
  }

  /** Asks for an item if none is ready. */
  want(): void {
    if (!this.isReady && !this.#gate.isOpen) this.#gate.open();
  }

  /** Takes the item that is ready. */
  take(): T {
    return this.#items.shift() as T;
  }

  /** Unsubscribes from the source. */
  close(): void {
    this.#subscriber.unsubscribe();
    this.#items.clear();
  }
}

function emptyInputMessage(name: string, error: unknown): string {
  return `${name} has no items, and the other inputs go on without it. ${(error as Error).message}`;
}

/** The logic of an operator that combines several inputs. */
export interface Combination {
  /** Subscribes to the inputs that exist from the start. */
  readonly start: () => void;
  /**
   * Does one thing: emits an item, completes, or moves on. Returns whether more can be done at once. Called while the
   * gate below is open and something may have changed. An exception becomes an error notification.
   */
  readonly step: () => boolean;
}

/**
 * Returns an Observable that combines several inputs.
 *
 * @param connect - called at each subscription; makes its inputs with `onChange` and the destination.
 */
export function fromInputs<R>(
  connect: (destination: Subscriber<R>, onChange: () => void) => Combination,
): Observable<R> {
  return new Observable<R>((destination) => {
    const down = gateOf(destination);
    const lead = leadUnder(down, 'an operator of several inputs');
    destination.add(() => lead.close());
    // Ended at once, so sources that its items open follow the lead that this one follows.
    lead.end();
    let isRunning = false;

    const advance = (): void => {
      while (!destination.closed) {
        if (!down.isOpen) {
          down.whenOpen(run);
          return;
        }
        if (!combination.step()) return;
      }
    };

    const advanceOnce = (): void => {
      if (isRunning) return;
      isRunning = true;
      try {
        within(down, advance, lead);
      } catch (error) {
        destination.error(error);
      } finally {
        isRunning = false;
      }
    };

    const run = observerBelow(destination)?.timed(advanceOnce) ?? advanceOnce;
    const combination = connect(destination, run);
    destination.add(() => down.cancel(run));
    combination.start();
    run();
  });
}
