import type { Observable, Subscriber } from 'rxjs';
import { demandChanges } from '../base/demandChanges.js';
import { Queue } from '../base/queue.js';
import { Gate } from './gate.js';
import { OBSERVER, observe, type StageFacts, type StageObserver } from './observer.js';
import { gatedSubscriber, subscribeGated } from './operate.js';
import { OverrunWatch, type OverrunPolicy } from './overrun.js';

export type Ending = { readonly kind: 'completed' } | { readonly kind: 'failed'; readonly error: unknown };

export interface InletOptions<T> {
  readonly name: string;
  readonly overrun?: OverrunPolicy | undefined;
  readonly isOpen?: boolean;
  readonly below?: () => Iterable<Gate>;
  /** Receives an exception of the callbacks below as an error. When this subscriber closes, the inlet closes. */
  readonly destination?: Subscriber<unknown>;
  readonly sinks?: readonly Subscriber<unknown>[];
  /** Objects that upstream subscribers find with `carriedBelow`. */
  readonly carries?: Readonly<Record<symbol, object>> | undefined;
  readonly facts?: Partial<Omit<StageFacts, 'name'>>;
  readonly receive?: (item: T) => void;
  readonly hasRoom?: () => boolean;
  readonly ended?: (ending: Ending) => void;
  readonly onChange?: () => void;
}

/** Receives the items of a source, with a gate for this source, and detects overruns. */
export class Inlet<T> {
  readonly gate: Gate;
  readonly items = new Queue<T>();
  readonly subscriber: Subscriber<T>;
  /** The observer of this stage. The creator of the inlet must close this observer. */
  readonly observer: StageObserver | undefined;
  #ending: Ending | undefined;

  constructor(options: InletOptions<T>) {
    const { name, overrun, isOpen = false, below, destination, facts } = options;
    const { sinks = destination ? [destination] : [] } = options;
    const { receive = (item: T) => this.items.push(item), hasRoom, onChange } = options;
    const gate = new Gate(isOpen, below, name);
    const overruns = new OverrunWatch(gate, name, overrun);
    const observer = observe(sinks, { name, phase: () => (this.isWaiting ? 'inputMs' : 'consumerMs'), ...facts });
    this.gate = gate;
    this.observer = observer;
    const end = (ending: Ending): void => {
      this.#ending = ending;
      demandChanges.count++;
      options.ended?.(ending);
      onChange?.();
    };
    const next = (item: T): void => {
      overruns.arrived(item);
      observer?.count(item);
      receive(item);
      if (!hasRoom?.()) gate.close();
      onChange?.();
    };
    const error = (failure: unknown): void => end({ kind: 'failed', error: failure });
    const complete = (): void => end({ kind: 'completed' });
    const carries = { ...options.carries, ...(observer && { [OBSERVER]: observer }) };
    const handlers = { next, error, complete, carries, holds: destination && name };
    this.subscriber = gatedSubscriber(gate, handlers, destination);
  }

  get ending(): Ending | undefined {
    return this.#ending;
  }

  get isWaiting(): boolean {
    return this.gate.isOpen && !this.#ending;
  }

  /** Subscribes to the source. A source that ignores gates may emit all items and complete during this call. */
  subscribe(source: Observable<T>): void {
    subscribeGated(source, this.subscriber);
  }

  close(): void {
    this.subscriber.unsubscribe();
    this.items.clear();
  }
}
