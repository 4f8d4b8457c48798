import { Observable, type Subscriber } from 'rxjs';
import { TAKE_MEMORY } from './chunkMemory.js';
import { gateOf, isUngated, leadUnder } from './context.js';
import type { Gate } from './gate.js';
import { Inlet } from './inlet.js';
import type { StageFacts } from './observer.js';
import type { Lead } from './lead.js';
import { loop } from './loop.js';
import type { OverrunPolicy } from './overrun.js';
import { Passes, type OnePass } from '../passes/passes.js';
import type { ItemBuffer } from './itemBuffer.js';

export interface BoundaryOptions {
  readonly name: string;
  readonly capacity?: StageFacts['capacity'];
  readonly remedy?: StageFacts['remedy'];
  readonly threads?: StageFacts['threads'];
  readonly overrun?: OverrunPolicy | undefined;
  /**
   * If true, requests items only while the downstream gate is open. So a decoder opens no FIFO before a record is
   * requested. Default: false.
   */
  readonly onDemand?: boolean;
}

export interface BoundaryContext<R> {
  readonly destination: Subscriber<R>;
  readonly down: Gate;
  /** Emits ready items. Call this when an item becomes ready asynchronously. */
  readonly drain: () => void;
}

/**
 * Makes an operator that buffers items. The source's gate is open while the buffer has room. Emits items, completion
 * and errors only while the downstream gate is open. So `repeat` and `concat` subscribe to the next source only on
 * demand.
 */
export function boundary<T, R>(
  source: Observable<T>,
  options: BoundaryOptions,
  connect: (context: BoundaryContext<R>) => ItemBuffer<T>,
): Observable<R> {
  const passes = new Passes(options.name);
  return new Observable<R>((destination) => {
    const inlet = new Boundary<T, R>(destination, { ...options, passes }, connect).inlet;
    if (!destination.closed) inlet.subscribe(source);
  });
}

class Boundary<T, R> {
  readonly inlet: Inlet<T>;
  readonly #destination: Subscriber<R>;
  readonly #down: Gate;
  readonly #readsAhead: boolean;
  readonly #lead: Lead;
  readonly #pass: OnePass;
  readonly #buffer: ItemBuffer<T>;
  readonly #drain: () => void;
  #emitted = 0;

  constructor(
    destination: Subscriber<R>,
    options: BoundaryOptions & { readonly passes: Passes },
    connect: (context: BoundaryContext<R>) => ItemBuffer<T>,
  ) {
    const { name, onDemand = false, passes } = options;
    const down = gateOf(destination);
    this.#destination = destination;
    this.#down = down;
    this.#readsAhead = !onDemand;
    this.#lead = leadUnder(down, name);
    destination.add(() => this.#lead.close());
    this.#buffer = connect({ destination, down, drain: () => this.#drain() });
    this.inlet = this.#createInlet(options);
    const { gate, observer } = this.inlet;
    this.#pass = passes.begin(destination, isUngated(down) ? undefined : down, gate);
    this.#drain = loop(destination, this.#step, { gate: down, lead: this.#lead, observer });
    destination.add(() => {
      observer?.close();
      down.cancel(this.#drain);
      this.#buffer.clear?.();
    });
    if (!gate.isOpen) down.whenOpen(this.#drain);
  }

  #createInlet({ name, overrun, capacity, remedy, threads }: BoundaryOptions): Inlet<T> {
    const buffer = this.#buffer;
    const down = this.#down;
    return new Inlet<T>({
      ...{ name, overrun, destination: this.#destination },
      isOpen: this.#readsAhead || down.isOpen,
      below: () => [down],
      receive: buffer.receive,
      hasRoom: buffer.hasRoom,
      ended: ({ kind }) => buffer.sourceEnded?.(kind),
      onChange: () => this.#drain(),
      carries: buffer.takeMemory && { [TAKE_MEMORY]: buffer.takeMemory },
      facts: {
        ...{ capacity, remedy, threads },
        phase: () => {
          if (this.inlet.isWaiting) return 'inputMs';
          return down.isOpen ? 'workMs' : 'consumerMs';
        },
        held: () => buffer.held?.(),
        emitted: () => buffer.emitted?.() ?? this.#emitted,
        isFull: () => !buffer.hasRoom(),
      },
    });
  }

  readonly #step = (): boolean => {
    const down = this.#down;
    const { gate, ending } = this.inlet;
    const didEmit = down.isOpen && !this.#lead.isResting && this.#emit();
    if (this.#destination.closed) return false;
    const mayAsk = !gate.isOpen && !ending && (this.#readsAhead || down.isOpen);
    if (mayAsk && this.#buffer.hasRoom()) {
      gate.open();
      return true;
    }
    if (didEmit) return true;
    if (!down.isOpen) down.whenOpen(this.#drain);
    else if (ending && this.#buffer.isEmpty()) {
      this.#lead.end();
      if (ending.kind === 'failed') this.#destination.error(ending.error);
      else this.#pass.complete();
    }
    return false;
  };

  #emit(): boolean {
    const buffer = this.#buffer;
    const before = this.#emitted;
    if (!buffer.emit()) return false;
    this.#emitted = buffer.emitted?.() ?? before + 1;
    if (this.#lead.followers === 0) this.#lead.ahead = 0;
    else this.#lead.emitted(this.#emitted - before, this.#drain);
    return true;
  }
}
