import { Observable, type Subscriber } from 'rxjs';
import { gateOf, isUngated, within, leadUnder } from './context.js';
import type { Gate } from './gate.js';
import type { Lead } from './lead.js';
import { isStackDeep, isTurnLong, Passes, type OnePass } from './passes.js';
import { observe } from './observer.js';
import type { StageObserver } from './observer.js';

/** Where a {@link Puller} puts what it was asked for. */
export interface Outlet<T> {
  /** Hands over the value that was asked for, now or later. Held while the gate is closed. */
  readonly deliver: (value: T) => void;
  /** Says that nothing follows, once what is held has gone out. */
  readonly complete: () => void;
  /** Says that it has failed, once what is held has gone out. */
  readonly fail: (error: unknown) => void;
  /** The gate that the source must obey. */
  readonly gate: Gate;
}

/** The two things that a source can be told. */
export interface Puller {
  /** Makes one value, or the end: asked for once at a time, and only while the gate is open. */
  readonly pull: () => void;
  /** Releases everything; called once, at the end, on failure or on unsubscription, even while a pull is pending. */
  readonly close: () => void;
}

const NOTHING = Symbol('nothing');

/**
 * A cold source that heeds its gate: it looks at the gate before it asks for a value, the first included, and again
 * before it emits, so that nothing passes a closed gate and at most one value is held.
 *
 * Emission happens under that gate, so that whoever subscribes in response (`repeat`, `concat`) finds the same one.
 *
 * @param open - called at each subscription; may throw, which becomes an error notification.
 * @param name - as the user wrote it: reports call it so.
 */
export function pullSource<T>(open: (outlet: Outlet<T>) => Puller, name = 'a source'): Observable<T> {
  const passes = new Passes(name);
  return new Observable<T>((destination) => {
    if (!destination.closed) new Pulling(destination, open, passes).start();
  });
}

/** One subscription of a source. */
class Pulling<T> implements Outlet<T> {
  readonly gate: Gate;
  readonly #destination: Subscriber<T>;
  readonly #puller: Puller;
  readonly #lead: Lead;
  readonly #pass: OnePass;
  readonly #probe: StageObserver | undefined;
  #held: T | typeof NOTHING = NOTHING;
  #finish: (() => void) | undefined;
  #isPulling = false;
  #isRunning = false;

  constructor(destination: Subscriber<T>, open: (outlet: Outlet<T>) => Puller, passes: Passes) {
    const { name } = passes;
    this.#destination = destination;
    this.gate = gateOf(destination);
    this.#lead = leadUnder(this.gate, name);
    destination.add(() => this.#lead.close());
    this.#pass = passes.begin(destination, this.gate);
    this.#puller = open(this);
    this.#probe = observe(destination, () => ({
      name,
      isSource: true,
      phase: () => (this.gate.isOpen ? 'inputMs' : 'consumerMs'),
    }));
    if (this.#probe) this.run = this.#probe.timed(this.run);
    destination.add(() => {
      this.#probe?.close();
      this.#held = NOTHING;
      this.gate.cancel(this.run);
      this.#puller.close();
    });
  }

  readonly deliver = (value: T): void => {
    this.#isPulling = false;
    this.#held = value;
    this.run();
  };

  readonly complete = (): void => {
    this.#finish = () => this.#pass.complete();
    this.run();
  };

  readonly fail = (error: unknown): void => {
    this.#finish = () => this.#destination.error(error);
    this.run();
  };

  /** Begins at once, or on the next turn of the event loop. */
  start(): void {
    if (isStackDeep() || (!isUngated(this.gate) && isTurnLong())) this.#lead.rest(this.run);
    else this.run();
  }

  /** Goes on as far as it can; does nothing when called from inside itself, where the loop sees what is new. */
  run = (): void => {
    if (this.#isRunning) return;
    this.#isRunning = true;
    try {
      within(this.gate, this.#advance, this.#lead);
    } catch (error) {
      this.#destination.error(error);
    } finally {
      this.#isRunning = false;
    }
  };

  readonly #advance = (): void => {
    while (!this.#destination.closed && !this.#lead.isResting) {
      if (!this.gate.isOpen) {
        this.gate.whenOpen(this.run);
        return;
      }
      if (this.#held !== NOTHING) this.#emit(this.#held);
      else if (this.#finish) this.#end(this.#finish);
      else if (this.#isPulling) return;
      else {
        this.#isPulling = true;
        this.#puller.pull();
      }
    }
  };

  #emit(value: T): void {
    this.#held = NOTHING;
    this.#pass.isEmpty = false;
    this.#probe?.count(value);
    this.#destination.next(value);
    if (this.#lead.followers > 0) this.#lead.emitted(1, this.run);
    else this.#lead.ahead = 0;
  }

  #end(notify: () => void): void {
    this.#lead.end();
    notify();
  }
}
