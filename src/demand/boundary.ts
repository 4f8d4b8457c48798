import type { Observable, Subscriber } from 'rxjs';
import { Gate } from './gate.js';
import { gateOf, within, leadUnder } from './context.js';
import type { Lead } from './lead.js';
import { operate, type Handlers } from './operate.js';
import { OverrunWatch, type OverrunPolicy } from './overrun.js';
import { Passes, type OnePass } from './passes.js';
import { countedStage } from './countedStage.js';
import type { Stage } from './stage.js';
import { OBSERVER, observe } from './observer.js';
import type { StageObserver } from './observer.js';

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
  return operate(source, (destination: Subscriber<R>) => {
    return new BoundaryHandlers(destination, { ...options, passes }, connect);
  });
}

/** One subscription of a boundary. */
class BoundaryHandlers<T, R> implements Handlers<T> {
  readonly gate: Gate;
  readonly carries: Readonly<Record<symbol, object>> | undefined;
  readonly holds: string;
  readonly #destination: Subscriber<R>;
  readonly #down: Gate;
  readonly #readsAhead: boolean;
  readonly #watch: OverrunWatch;
  readonly #lead: Lead;
  readonly #pass: OnePass;
  readonly #stage: Stage<T>;
  #finish: (() => void) | undefined;
  #isDraining = false;

  constructor(
    destination: Subscriber<R>,
    options: BoundaryOptions & { readonly passes: Passes },
    connect: (context: BoundaryContext<R>) => Stage<T>,
  ) {
    const { name, overrun, onDemand = false, passes } = options;
    this.holds = name;
    this.#destination = destination;
    this.#down = gateOf(destination);
    this.#readsAhead = !onDemand;
    this.gate = new Gate(this.#readsAhead || this.#down.isOpen, () => [this.#down]);
    this.#watch = new OverrunWatch(this.gate, name, overrun);
    this.#pass = passes.begin(destination, this.#down, this.gate);
    this.#lead = leadUnder(this.#down, name);
    destination.add(() => this.#lead.close());
    const stage = connect({ destination, down: this.#down, drain: () => this.drain() });
    const probe = this.#observe(options);
    this.carries = probe && { [OBSERVER]: probe };
    this.#stage = probe ? countedStage(stage, probe) : stage;
    destination.add(() => {
      probe?.close();
      this.#down.cancel(this.drain);
      this.#stage.clear?.();
    });
    if (!this.gate.isOpen) this.#down.whenOpen(this.drain);
  }

  readonly next = (item: T): void => {
    this.#watch.arrived(item);
    this.#stage.receive(item);
    if (!this.#stage.hasRoom()) this.gate.close();
    this.drain();
  };

  readonly error = (error: unknown): void => {
    this.#end('failed', () => this.#destination.error(error));
  };

  readonly complete = (): void => {
    this.#end('completed', () => this.#pass.complete());
  };

  drain = (): void => {
    if (this.#isDraining || this.#destination.closed) return;
    this.#isDraining = true;
    try {
      within(this.#down, this.#pump, this.#lead);
    } catch (error) {
      this.#destination.error(error);
    } finally {
      this.#isDraining = false;
    }
  };

  /** Has the report below know of this stage, if there is one. */
  #observe({ name, capacity, remedy }: BoundaryOptions): StageObserver | undefined {
    const probe = observe(this.#destination, () => ({
      ...{ name, capacity, remedy },
      phase: () => {
        if (this.gate.isOpen && !this.#finish) return 'inputMs';
        return this.#down.isOpen ? 'workMs' : 'consumerMs';
      },
      held: () => this.#stage.held?.(),
      emitted: () => this.#stage.emitted?.() ?? 0,
      isFull: () => !this.#stage.hasRoom(),
    }));
    if (probe) this.drain = probe.timed(this.drain);
    return probe;
  }

  #end(how: 'completed' | 'failed', notify: () => void): void {
    this.#stage.sourceEnded?.(how);
    this.#finish = notify;
    this.drain();
  }

  /**
   * One loop that is not re-entrant and looks at everything again after each emission and each opening, because either
   * may deliver the next item synchronously.
   */
  readonly #pump = (): void => {
    const stage = this.#stage;
    const down = this.#down;
    for (;;) {
      const didEmit = down.isOpen && !this.#lead.isResting && this.#emit();
      if (this.#destination.closed) return;
      const mayAsk = !this.gate.isOpen && !this.#finish && (this.#readsAhead || down.isOpen);
      if (mayAsk && stage.hasRoom()) this.gate.open();
      else if (!didEmit) break;
    }
    if (!down.isOpen) down.whenOpen(this.drain);
    else if (this.#finish && stage.isEmpty()) {
      this.#lead.end();
      this.#finish();
    }
  };

  #emit(): boolean {
    const stage = this.#stage;
    const before = stage.emitted?.();
    const didEmit = stage.emit();
    if (!didEmit) return false;
    if (this.#lead.followers === 0) this.#lead.ahead = 0;
    else this.#lead.emitted(before === undefined ? 1 : (stage.emitted?.() ?? 0) - before, this.drain);
    return true;
  }
}
