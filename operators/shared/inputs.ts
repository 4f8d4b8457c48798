import { Observable, type Subscriber } from 'rxjs';
import { warn } from '../../src/base/warn.js';
import { gateOf, isUngated, leadUnder } from '../../src/demand/context.js';
import { Inlet, type Ending } from '../../src/demand/inlet.js';
import { loop } from '../../src/demand/loop.js';
import { observerBelow } from '../../src/demand/observer.js';
import { isRepeatedNothing, Passes } from '../../src/passes/passes.js';
import { mustPause } from '../../src/passes/pauses.js';

export interface InputOptions {
  readonly name: string;
  /** The input closes when this subscriber closes. */
  readonly destination: Subscriber<unknown>;
  /** Called after each item and after the end of the input. */
  readonly onChange: () => void;
  /**
   * The other inputs of the operator. If this input repeats an empty source, the others continue, with one warning for
   * each source. Without `others`, a repeated empty source is an error.
   */
  readonly others?: (() => readonly Input<unknown>[]) | undefined;
}

/** Contains sources, because each subscription of a repeated operator makes new inputs. */
const warned = new WeakSet<Observable<unknown>>();

/** An input of an operator. Requests one item at a time. */
export class Input<T> {
  readonly #source: Observable<T>;
  readonly #inlet: Inlet<T>;
  readonly #name: string;
  readonly #others: () => readonly Input<unknown>[];
  #failure: { readonly error: unknown } | undefined;
  #isRepeatedNothing = false;

  constructor(source: Observable<T>, { name, destination, onChange, others = () => [] }: InputOptions) {
    const down = gateOf(destination);
    this.#source = source;
    this.#name = name;
    this.#others = others;
    this.#inlet = new Inlet<T>({
      ...{ name, destination, onChange },
      below: () => [down],
      ended: (ending) => this.#ended(ending),
      facts: { capacity: 1, held: () => this.#inlet.items.length, isFull: () => this.isReady },
    });
    const { subscriber, observer } = this.#inlet;
    if (observer) subscriber.add(() => observer.close());
  }

  start(): void {
    this.#inlet.subscribe(this.#source);
  }

  get isReady(): boolean {
    return this.#inlet.items.length > 0;
  }

  /** True if the source has completed and no item is left. Throws the error of a failed source. */
  get isOver(): boolean {
    if (!this.#inlet.ending || this.isReady) return false;
    if (this.#failure) throw this.#failure.error;
    return true;
  }

  want(): void {
    if (!this.isReady && !this.#inlet.gate.isOpen) this.#inlet.gate.open();
  }

  take(): T {
    return this.#inlet.items.shift() as T;
  }

  close(): void {
    this.#inlet.close();
  }

  #ended(ending: Ending): void {
    if (ending.kind === 'completed') return;
    const { error } = ending;
    this.#isRepeatedNothing = isRepeatedNothing(error);
    const goOn = this.#isRepeatedNothing && this.#others().some((other) => !other.#isRepeatedNothing);
    if (!goOn) this.#failure = { error };
    else if (!warned.has(this.#source)) {
      warned.add(this.#source);
      warn('MILLRACE_EMPTY_INPUT', emptyInputMessage(this.#name, error));
    }
  }
}

function emptyInputMessage(name: string, error: unknown): string {
  return `${name} has no items, and the other inputs continue. ${(error as Error).message}`;
}

export interface Output<R> {
  readonly destination: Subscriber<R>;
  readonly emit: (item: R) => void;
  /** Completes the Observable, or fails if the operator is repeated and has never emitted an item. */
  readonly complete: () => void;
  readonly pause: () => void;
  readonly onChange: () => void;
}

export interface Combination {
  readonly start: () => void;
  /**
   * Emits an item, completes, or moves to the next input. Called after each change of an input, if the consumer has
   * requested items. Returns true if `step` can be called again immediately. An exception becomes an error
   * notification.
   */
  readonly step: () => boolean;
}

/** @param connect - makes the inputs of a subscription. */
export function fromInputs<R>(name: string, connect: (output: Output<R>) => Combination): Observable<R> {
  const passes = new Passes(name);
  return new Observable<R>((destination) => {
    const down = gateOf(destination);
    const isGated = !isUngated(down);
    const lead = leadUnder(down, name);
    const pass = passes.begin(destination, isGated ? down : undefined);
    destination.add(() => lead.close());
    // The lead is ended immediately, so that `Lead.heir` of new sources is the outer lead.
    lead.end();
    const step = (): boolean => {
      if (lead.isResting) return false;
      if (down.isOpen) return combination.step();
      down.whenOpen(advance);
      return false;
    };
    const advance = loop(destination, step, { gate: down, lead, observer: observerBelow(destination) });
    const pause = (): void => lead.rest(advance);
    const combination = connect({
      destination,
      emit: (item) => {
        pass.isEmpty = false;
        destination.next(item);
      },
      complete: () => pass.complete(),
      pause,
      onChange: advance,
    });
    destination.add(() => down.cancel(advance));
    combination.start();
    if (mustPause(isGated)) pause();
    else advance();
  });
}
