import type { Observable, Subscriber } from 'rxjs';
import { Queue } from '../base/queue.js';
import { Gate } from './gate.js';
import { OBSERVER, observe, type StageFacts, type StageObserver } from './observer.js';
import { gatedSubscriber, subscribeGated } from './operate.js';
import { OverrunWatch, type OverrunPolicy } from './overrun.js';

export type Ending = { readonly kind: 'completed' } | { readonly kind: 'failed'; readonly error: unknown };

export interface InletOptions<T> {
  /** The name in warnings and reports. */
  readonly name: string;
  readonly overrun?: OverrunPolicy | undefined;
  /** The state at first. Default: false. */
  readonly isOpen?: boolean;
  /** The gates that an item must pass after this inlet. Default: none, for a consumer. */
  readonly below?: () => Iterable<Gate>;
  /** When this subscriber closes, the inlet closes. It receives exceptions of callbacks as errors. */
  readonly destination?: Subscriber<unknown>;
  /** The receivers of the items, for an observer. Default: the destination. */
  readonly sinks?: readonly Subscriber<unknown>[];
  /** The facts that an observer of the stage receives. */
  readonly facts?: Partial<Omit<StageFacts, 'name'>>;
  /** Default: adds the item to `items`. */
  readonly receive?: (item: T) => void;
  /** Called after each item. If it returns false, the gate closes. Default: returns false. */
  readonly hasRoom?: () => boolean;
  readonly ended?: (ending: Ending) => void;
  /** Called after each item, and after the end. */
  readonly onChange?: () => void;
}

/** Receives the items of one source, has a gate for that source, and detects overruns. */
export class Inlet<T> {
  readonly gate: Gate;
  /** Empty if `receive` is set. */
  readonly items = new Queue<T>();
  readonly subscriber: Subscriber<T>;
  /** The creator of the inlet must close it. */
  readonly observer: StageObserver | undefined;
  #ending: Ending | undefined;

  constructor(options: InletOptions<T>) {
    const { name, overrun, isOpen = false, below, destination, facts } = options;
    const { sinks = destination ? [destination] : [] } = options;
    const { receive = (item: T) => this.items.push(item), hasRoom, onChange } = options;
    const gate = new Gate(isOpen, below);
    const overruns = new OverrunWatch(gate, name, overrun);
    const observer = observe(sinks, { name, phase: () => (this.isWaiting ? 'inputMs' : 'consumerMs'), ...facts });
    this.gate = gate;
    this.observer = observer;
    const end = (ending: Ending): void => {
      this.#ending = ending;
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
    const carries = observer && { [OBSERVER]: observer };
    const handlers = { next, error, complete, carries, holds: destination && name };
    this.subscriber = gatedSubscriber(gate, handlers, destination);
  }

  get ending(): Ending | undefined {
    return this.#ending;
  }

  get isWaiting(): boolean {
    return this.gate.isOpen && !this.#ending;
  }

  /** A source that ignores gates may deliver all items and end within this call. */
  subscribe(source: Observable<T>): void {
    subscribeGated(source, this.subscriber);
  }

  close(): void {
    this.subscriber.unsubscribe();
    this.items.clear();
  }
}
