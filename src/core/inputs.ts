import { Observable, type Subscriber } from 'rxjs';
import { Gate, gateOf, within } from './gate.js';
import { Lead } from './lead.js';
import { isRepeatedNothing } from './passes.js';
import { warn } from './warn.js';
import { gatedSubscriber, subscribeGated } from './operate.js';
import { OverrunWatch } from './overrun.js';
import { Queue } from './queue.js';
import { PROBE, probeBelow, probeOf } from './report/stageProbe.js';

/** What an {@link Input} is made with. */
export interface InputOptions {
  /** As the user knows it, such as `zipChannels: labels`: overruns and reports call it so. */
  readonly name: string;
  /** Closes the input when it closes itself. */
  readonly destination: Subscriber<unknown>;
  /** Called when something has come: an item, or the end. */
  readonly onChange: () => void;
  /**
   * The inputs that go on when this one is repeated and always empty: that ends it, with a warning. Default: none; it is an
   * error.
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
    const probe = probeOf(destination, () => ({
      ...{ name, capacity: 1 },
      phase: () => (this.#gate.isOpen && !this.#hasEnded ? 'inputMs' : 'consumerMs'),
      held: () => this.#items.length,
      isFull: () => this.isReady,
    }));
    const handlers = {
      carries: probe && { [PROBE]: probe },
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

  /** Subscribes the source. A source that heeds no gate may deliver, and end, within this call. */
  start(): void {
    subscribeGated(this.#source, this.#subscriber);
  }

  /** Whether an item can be taken. */
  get isReady(): boolean {
    return this.#items.length > 0;
  }

  /** Whether it has completed and nothing is left. Throws what it has failed with, once nothing is left. */
  get isOver(): boolean {
    if (!this.#hasEnded || this.isReady) return false;
    if (this.#failure) throw this.#failure.error;
    return true;
  }

  /** Asks for an item, unless there is one. */
  want(): void {
    if (!this.isReady && !this.#gate.isOpen) this.#gate.open();
  }

  /** Takes the item that is ready. */
  take(): T {
    return this.#items.shift() as T;
  }

  /** Lets go of the source. */
  close(): void {
    this.#subscriber.unsubscribe();
    this.#items.clear();
  }
}

function emptyInputMessage(name: string, error: unknown): string {
  return `${name} has nothing, and the others go on without it. ${(error as Error).message}`;
}

/** How an Observable is made of several inputs. */
export interface Combination {
  /** Subscribes the inputs that are there from the beginning. */
  readonly start: () => void;
  /**
   * Does one thing: emits an item, completes, or moves on; says whether there may be more to do at once. Called while
   * the gate below is open and something may have changed. What it throws becomes an error notification.
   */
  readonly step: () => boolean;
}

/**
 * An Observable that is made of several inputs.
 *
 * @param connect - called at each subscription; makes its inputs with `onChange` and the destination.
 */
export function fromInputs<R>(
  connect: (destination: Subscriber<R>, onChange: () => void) => Combination,
): Observable<R> {
  return new Observable<R>((destination) => {
    const down = gateOf(destination);
    const lead = new Lead(down, 'an operator of several inputs');
    destination.add(() => lead.close());
    // It only follows: what its items lead to follows the same one.
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

    const run = probeBelow(destination)?.timed(advanceOnce) ?? advanceOnce;
    const combination = connect(destination, run);
    destination.add(() => down.cancel(run));
    combination.start();
    run();
  });
}
