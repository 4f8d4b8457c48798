import type { Observable, Subscriber } from 'rxjs';
import { Gate, gateOf, within } from './gate.js';
import { operate, type Handlers } from './operate.js';
import { OverrunWatch, type OverrunPolicy } from './overrun.js';

/** What a boundary does with the items it holds. */
export interface Stage<T> {
  /** Takes an item in. */
  readonly receive: (item: T) => void;
  /** Whether a further item may come: what waits, is in flight and is finished is below the capacity. */
  readonly hasRoom: () => boolean;
  /** Emits one item, if one is ready; says whether it did. Called only while the gate below is open. */
  readonly emit: () => boolean;
  /** Whether nothing is held or in flight, so that the end may follow. */
  readonly isEmpty: () => boolean;
  /** Told when the source has completed or failed, before what is left is emitted. Default: nothing. */
  readonly sourceEnded?: (how: 'completed' | 'failed') => void;
  /** Lets go of what is held, at the end and on unsubscription. Default: nothing. */
  readonly clear?: () => void;
}

/** How a boundary is known to its user. */
export interface BoundaryOptions {
  /** As the user wrote it, such as `prefetch(10)`: overruns are reported by it. */
  readonly name: string;
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
  return operate(source, (destination: Subscriber<R>) => new BoundaryHandlers(destination, options, connect));
}

/** One subscription of a boundary. */
class BoundaryHandlers<T, R> implements Handlers<T> {
  readonly gate: Gate;
  readonly holds: string;
  readonly #destination: Subscriber<R>;
  readonly #down: Gate;
  readonly #readsAhead: boolean;
  readonly #watch: OverrunWatch;
  readonly #stage: Stage<T>;
  #finish: (() => void) | undefined;
  #isDraining = false;

  constructor(
    destination: Subscriber<R>,
    { name, overrun, onDemand = false }: BoundaryOptions,
    connect: (context: BoundaryContext<R>) => Stage<T>,
  ) {
    this.holds = name;
    this.#destination = destination;
    this.#down = gateOf(destination);
    this.#readsAhead = !onDemand;
    this.gate = new Gate(this.#readsAhead || this.#down.isOpen);
    this.#watch = new OverrunWatch(this.gate, name, overrun);
    this.#stage = connect({ destination, drain: this.drain });
    destination.add(() => {
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
    this.#end('completed', () => this.#destination.complete());
  };

  readonly drain = (): void => {
    if (this.#isDraining || this.#destination.closed) return;
    this.#isDraining = true;
    try {
      within(this.#down, this.#pump);
    } catch (error) {
      this.#destination.error(error);
    } finally {
      this.#isDraining = false;
    }
  };

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
      const didEmit = down.isOpen && stage.emit();
      if (this.#destination.closed) return;
      const mayAsk = !this.gate.isOpen && !this.#finish && (this.#readsAhead || down.isOpen);
      if (mayAsk && stage.hasRoom()) this.gate.open();
      else if (!didEmit) break;
    }
    if (!down.isOpen) down.whenOpen(this.drain);
    else if (this.#finish && stage.isEmpty()) this.#finish();
  };
}
