import { Observable, type Subscriber } from 'rxjs';
import { ConfigError } from '../../src/base/errors.js';
import { keepMemory } from '../../src/arrays/freshMemory.js';
import { gateOf, within } from '../../src/demand/context.js';
import type { Gate } from '../../src/demand/gate.js';
import { Inlet } from '../../src/demand/inlet.js';
import { loop, type LoopTarget } from '../../src/demand/loop.js';
import { refuseResuming } from '../../src/resume/pass.js';

interface Sink<T> {
  readonly destination: Subscriber<T>;
  readonly gate: Gate;
}

type Notification<T> = (destination: Subscriber<T>) => void;

/** Subscribes to `source` once, when all `sinkCount` subscribers have subscribed. */
export function fanOut<T>(source: Observable<T>, sinkCount: number): Observable<T> {
  let round = new Round(source, sinkCount);
  return new Observable((destination) => {
    refuseResuming(
      destination,
      'broadcast',
      'The subscribers of broadcast subscribe independently, so there is no single position to save. Put ' +
        'resumable before broadcast.',
    );
    if (round.isOver) round = new Round(source, sinkCount);
    round.join(destination);
  });
}

class Round<T> {
  readonly #source: Observable<T>;
  readonly #sinkCount: number;
  readonly #sinks = new Set<Sink<T>>();
  #inlet: Inlet<T> | undefined;
  /** Each sink in `#remaining` receives this notification when its gate opens. */
  #notification: Notification<T> | undefined;
  #remaining: Sink<T>[] = [];
  #isEndTaken = false;
  #drain = (): void => undefined;

  constructor(source: Observable<T>, sinkCount: number) {
    this.#source = source;
    this.#sinkCount = sinkCount;
  }

  get isOver(): boolean {
    return this.#inlet !== undefined && (this.#inlet.ending !== undefined || this.#inlet.subscriber.closed);
  }

  join(destination: Subscriber<T>): void {
    if (this.#inlet) throw tooManySinks(this.#sinkCount);
    const sink = { destination, gate: gateOf(destination) };
    this.#sinks.add(sink);
    destination.add(() => this.#leave(sink));
    if (this.#sinks.size === this.#sinkCount) this.#start();
  }

  #leave(sink: Sink<T>): void {
    this.#sinks.delete(sink);
    this.#remaining = this.#remaining.filter((other) => other !== sink);
    sink.gate.cancel(this.#drain);
    if (this.#sinks.size === 0) this.#inlet?.close();
    else this.#drain();
  }

  #start(): void {
    const inlet = new Inlet<T>({
      name: `broadcast({ sinks: ${this.#sinkCount} })`,
      sinks: [...this.#sinks].map(({ destination }) => destination),
      below: () => [...this.#sinks].map(({ gate }) => gate),
      facts: { remedy: 'make its slowest subscriber faster' },
      onChange: () => this.#drain(),
    });
    const { observer, subscriber } = inlet;
    if (observer) subscriber.add(() => observer.close());
    this.#inlet = inlet;
    this.#drain = loop(this.#target(), () => this.#step(inlet), { observer });
    inlet.subscribe(this.#source);
    this.#drain();
  }

  #target(): LoopTarget {
    const sinks = this.#sinks;
    return {
      get closed() {
        return sinks.size === 0;
      },
      error: (error) => {
        for (const { destination } of sinks) destination.error(error);
      },
    };
  }

  #step(inlet: Inlet<T>): boolean {
    if (this.#remaining.length > 0) return this.#handOut();
    this.#notification = this.#take(inlet);
    if (this.#notification) {
      this.#remaining = [...this.#sinks];
      return true;
    }
    if (inlet.ending || inlet.gate.isOpen) return false;
    const closed = [...this.#sinks].find((sink) => !sink.gate.isOpen);
    if (closed) closed.gate.whenOpen(this.#drain);
    else inlet.gate.open();
    return !closed;
  }

  #take({ items, ending }: Inlet<T>): Notification<T> | undefined {
    if (items.length > 0) {
      const item = items.shift() as T;
      if (this.#sinkCount > 1) keepMemory(item);
      return (destination) => destination.next(item);
    }
    if (!ending || this.#isEndTaken) return undefined;
    this.#isEndTaken = true;
    if (ending.kind === 'failed') return (destination) => destination.error(ending.error);
    return (destination) => destination.complete();
  }

  #handOut(): boolean {
    const index = this.#remaining.findIndex(({ gate }) => gate.isOpen);
    const [sink] = index < 0 ? [] : this.#remaining.splice(index, 1);
    if (sink) within(sink.gate, () => this.#notification?.(sink.destination));
    else for (const { gate } of this.#remaining) gate.whenOpen(this.#drain);
    return sink !== undefined;
  }
}

function tooManySinks(sinkCount: number): ConfigError {
  return new ConfigError(
    `broadcast: expected ${sinkCount} subscribers (sinks), found one more. The source has already started, so ` +
      'the additional subscriber could miss items. Correct the number in broadcast({ sinks }). A subscriber that ' +
      'unsubscribes early, for example with take() before repeat(), can subscribe again only after the source has ended.',
    { path: 'sinks' },
  );
}
