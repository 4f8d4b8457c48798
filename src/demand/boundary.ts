import { Observable, type Subscriber } from 'rxjs';
import { gateOf, leadUnder } from './context.js';
import type { Gate } from './gate.js';
import { Inlet } from './inlet.js';
import type { Lead } from './lead.js';
import { loop } from './loop.js';
import type { OverrunPolicy } from './overrun.js';
import { Passes, type OnePass } from './passes.js';
import type { Stage } from './stage.js';

/** How a boundary is known to its user. */
export interface BoundaryOptions {
  /** As the user wrote it, such as `prefetch(10)`: overruns and reports call it so. */
  readonly name: string;
  /** How many items it may hold, where that is a number: for reports. */
  readonly capacity?: number | undefined;
  /** What its user can do where all wait for its work, as the end of a sentence: for reports. */
  readonly remedy?: string | undefined;
  readonly overrun?: OverrunPolicy | undefined;
  /**
   * Whether the source is asked only while the gate below is open, for a boundary that is not there to read ahead: a
   * decoder opens no FIFO before a record is wanted. Default: false.
   */
  readonly onDemand?: boolean;
}

/** What a {@link Stage} is made with, at each subscription. */
export interface BoundaryContext<R> {
  readonly destination: Subscriber<R>;
  /** The gate below. */
  readonly down: Gate;
  /** To be called when something becomes ready by itself, such as a promise. */
  readonly drain: () => void;
}

/**
 * A place where items may wait: it subscribes to its source under a gate of its own, open while its stage has room,
 * and emits only while the gate below it is open. Completion and errors follow what it holds, and ask for the gate as
 * items do, so that nobody below (`repeat`, `concat`) goes on to the next source before it is wanted.
 */
export function boundary<T, R>(
  source: Observable<T>,
  options: BoundaryOptions,
  connect: (context: BoundaryContext<R>) => Stage<T>,
): Observable<R> {
  const passes = new Passes(options.name);
  return new Observable<R>((destination) => {
    const inlet = new Boundary<T, R>(destination, { ...options, passes }, connect).inlet;
    if (!destination.closed) inlet.subscribe(source);
  });
}

/** One subscription of a boundary. */
class Boundary<T, R> {
  readonly inlet: Inlet<T>;
  readonly #destination: Subscriber<R>;
  readonly #down: Gate;
  readonly #readsAhead: boolean;
  readonly #lead: Lead;
  readonly #pass: OnePass;
  readonly #stage: Stage<T>;
  readonly #drain: () => void;
  #emitted = 0;

  constructor(
    destination: Subscriber<R>,
    options: BoundaryOptions & { readonly passes: Passes },
    connect: (context: BoundaryContext<R>) => Stage<T>,
  ) {
    const { name, onDemand = false, passes } = options;
    const down = gateOf(destination);
    this.#destination = destination;
    this.#down = down;
    this.#readsAhead = !onDemand;
    this.#lead = leadUnder(down, name);
    destination.add(() => this.#lead.close());
    this.#stage = connect({ destination, down, drain: () => this.#drain() });
    this.inlet = this.#createInlet(options);
    const { gate, observer } = this.inlet;
    this.#pass = passes.begin(destination, down, gate);
    this.#drain = loop(destination, this.#step, { gate: down, lead: this.#lead, observer });
    destination.add(() => {
      observer?.close();
      down.cancel(this.#drain);
      this.#stage.clear?.();
    });
    if (!gate.isOpen) down.whenOpen(this.#drain);
  }

  #createInlet({ name, overrun, capacity, remedy }: BoundaryOptions): Inlet<T> {
    const stage = this.#stage;
    const down = this.#down;
    return new Inlet<T>({
      ...{ name, overrun, destination: this.#destination },
      isOpen: this.#readsAhead || down.isOpen,
      below: () => [down],
      receive: stage.receive,
      hasRoom: stage.hasRoom,
      ended: ({ kind }) => stage.sourceEnded?.(kind),
      onChange: () => this.#drain(),
      facts: {
        ...{ capacity, remedy },
        phase: () => {
          if (this.inlet.isWaiting) return 'inputMs';
          return down.isOpen ? 'workMs' : 'consumerMs';
        },
        held: () => stage.held?.(),
        emitted: () => stage.emitted?.() ?? this.#emitted,
        isFull: () => !stage.hasRoom(),
      },
    });
  }

  readonly #step = (): boolean => {
    const down = this.#down;
    const { gate, ending } = this.inlet;
    const didEmit = down.isOpen && !this.#lead.isResting && this.#emit();
    if (this.#destination.closed) return false;
    const mayAsk = !gate.isOpen && !ending && (this.#readsAhead || down.isOpen);
    if (mayAsk && this.#stage.hasRoom()) {
      gate.open();
      return true;
    }
    if (didEmit) return true;
    if (!down.isOpen) down.whenOpen(this.#drain);
    else if (ending && this.#stage.isEmpty()) {
      this.#lead.end();
      if (ending.kind === 'failed') this.#destination.error(ending.error);
      else this.#pass.complete();
    }
    return false;
  };

  #emit(): boolean {
    const stage = this.#stage;
    const before = this.#emitted;
    if (!stage.emit()) return false;
    this.#emitted = stage.emitted?.() ?? before + 1;
    if (this.#lead.followers === 0) this.#lead.ahead = 0;
    else this.#lead.emitted(this.#emitted - before, this.#drain);
    return true;
  }
}
