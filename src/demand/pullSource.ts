import { Observable, type Subscriber } from 'rxjs';
import { DIAGNOSTICS } from '../base/diagnostics.js';
import { memoryOf, type TakeMemory } from './chunkMemory.js';
import { gateOf, isUngated, leadUnder } from './context.js';
import type { Gate } from './gate.js';
import type { Lead } from './lead.js';
import { loop } from './loop.js';
import { Passes, type OnePass } from '../passes/passes.js';
import { mustPause } from '../passes/pauses.js';
import { observe, type Phase, type StageFacts, type StageObserver } from './observer.js';

export interface Outlet<T> {
  /** Emits the value when the gate is open, and stores it until then. */
  readonly deliver: (value: T) => void;
  readonly complete: () => void;
  readonly fail: (error: unknown) => void;
  readonly gate: Gate;
  readonly destination: Subscriber<T>;
  /** Set if the subscriber is a decoder that can reuse the memory of chunks. */
  readonly takeMemory: TakeMemory | undefined;
}

export interface Puller {
  /** Reads one value, or the end. Called only while the gate is open and no pull is pending. */
  readonly pull: () => void;
  /** Called once, even while a pull is pending. */
  readonly close: () => void;
  readonly threads?: StageFacts['threads'];
}

const NOTHING = Symbol('nothing');

/**
 * Returns a cold source that checks its subscriber's gate before each pull and each item, and stores at most one value.
 *
 * @param open - is called at each subscription. Its exceptions become error notifications.
 */
export function pullSource<T>(open: (outlet: Outlet<T>) => Puller, name = 'a source'): Observable<T> {
  const passes = new Passes(name);
  return new Observable<T>((destination) => {
    if (!destination.closed) new Pulling(destination, open, passes).start();
  });
}

class Pulling<T> implements Outlet<T> {
  readonly gate: Gate;
  readonly destination: Subscriber<T>;
  readonly takeMemory: TakeMemory | undefined;
  readonly #puller: Puller;
  readonly #lead: Lead;
  readonly #pass: OnePass;
  readonly #observer: StageObserver | undefined;
  #advance = (): void => undefined;
  #held: T | typeof NOTHING = NOTHING;
  #finish: (() => void) | undefined;
  #isPulling = false;
  #ending: 'completed' | 'failed' | 'unsubscribed' = 'unsubscribed';

  constructor(destination: Subscriber<T>, open: (outlet: Outlet<T>) => Puller, passes: Passes) {
    const { name } = passes;
    const gate = gateOf(destination);
    this.destination = destination;
    this.gate = gate;
    this.takeMemory = memoryOf(destination);
    this.#lead = leadUnder(gate, name);
    this.#pass = passes.begin(destination, isUngated(gate) ? undefined : gate);
    destination.add(() => this.#lead.close());
    this.#puller = open(this);
    // Called after `open`, so that reports omit a source that could not be opened.
    const phase = (): Phase => (gate.isOpen ? 'inputMs' : 'consumerMs');
    const { threads } = this.#puller;
    this.#observer = observe([destination], { name, isSource: true, phase, threads });
    if (DIAGNOSTICS.source.hasSubscribers) DIAGNOSTICS.source.publish({ name, event: 'open' });
    this.#advance = loop(destination, this.#step, { gate, lead: this.#lead, observer: this.#observer });
    destination.add(() => {
      this.#observer?.close();
      this.#held = NOTHING;
      gate.cancel(this.#advance);
      this.#puller.close();
      if (!DIAGNOSTICS.source.hasSubscribers) return;
      DIAGNOSTICS.source.publish({ name, event: 'close', ending: this.#ending });
    });
  }

  readonly deliver = (value: T): void => {
    this.#isPulling = false;
    this.#held = value;
    this.#advance();
  };

  readonly complete = (): void => {
    this.#finish = () => {
      this.#ending = 'completed';
      this.#pass.complete();
    };
    this.#advance();
  };

  readonly fail = (error: unknown): void => {
    this.#finish = () => {
      this.#ending = 'failed';
      this.destination.error(error);
    };
    this.#advance();
  };

  start(): void {
    if (mustPause(!isUngated(this.gate))) this.#lead.rest(this.#advance);
    else this.#advance();
  }

  readonly #step = (): boolean => {
    if (this.#lead.isResting) return false;
    if (!this.gate.isOpen) {
      this.gate.whenOpen(this.#advance);
      return false;
    }
    if (this.#held !== NOTHING) this.#emit(this.#held);
    else if (this.#finish) this.#end(this.#finish);
    else if (this.#isPulling) return false;
    else {
      this.#isPulling = true;
      this.#pull();
    }
    return true;
  };

  #pull(): void {
    try {
      this.#puller.pull();
    } catch (error) {
      this.#ending = 'failed';
      throw error;
    }
  }

  #emit(value: T): void {
    this.#held = NOTHING;
    this.#pass.isEmpty = false;
    this.#observer?.count(value);
    this.destination.next(value);
    if (this.#lead.followers > 0) this.#lead.emitted(1, this.#advance);
    else this.#lead.ahead = 0;
  }

  #end(notify: () => void): void {
    this.#lead.end();
    notify();
  }
}
