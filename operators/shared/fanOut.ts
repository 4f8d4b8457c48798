import { Observable, type Subscriber } from 'rxjs';
import { ConfigError } from '../../src/base/errors.js';
import { keepMemory } from '../../src/arrays/freshMemory.js';
import { Gate } from '../../src/demand/gate.js';
import { gateOf, within } from '../../src/demand/context.js';
import type { Phase } from '../../src/demand/observer.js';
import { gatedSubscriber, subscribeGated } from '../../src/demand/operate.js';
import { OverrunWatch } from '../../src/demand/overrun.js';
import { refuseResuming } from '../../src/resume/pass.js';
import { Queue } from '../../src/base/queue.js';
import { OBSERVER, observerBelow, type StageObserver } from '../../src/demand/observer.js';

interface Sink<T> {
  readonly destination: Subscriber<T>;
  readonly gate: Gate;
}

type Notification<T> = (destination: Subscriber<T>) => void;

/**
 * One subscription of `source` for `sinkCount` subscribers: made when the last of them has come, and made anew when all
 * of them come again.
 */
export function fanOut<T>(source: Observable<T>, sinkCount: number): Observable<T> {
  let round = new Round(source, sinkCount);
  return new Observable((destination) => {
    refuseResuming(destination, 'broadcast', 'Its sinks come and go by themselves: put resumable above it.');
    if (round.isOver) round = new Round(source, sinkCount);
    round.join(destination);
  });
}

/** From the coming of the first sink to the end of the source. */
class Round<T> {
  readonly #source: Observable<T>;
  readonly #sinkCount: number;
  readonly #name: string;
  readonly #sinks = new Set<Sink<T>>();
  readonly #up = new Gate(true, () => [...this.#sinks].map(({ gate }) => gate));
  readonly #watch: OverrunWatch;
  readonly #queue = new Queue<Notification<T>>();
  /** What is being handed out, and who has not had it yet. */
  #notification: Notification<T> | undefined;
  #remaining: Sink<T>[] = [];
  readonly #subscriber: Subscriber<T>;
  #probe: StageObserver | undefined;
  #isStarted = false;
  #isEnded = false;
  #isDraining = false;

  constructor(source: Observable<T>, sinkCount: number) {
    this.#source = source;
    this.#sinkCount = sinkCount;
    this.#name = `broadcast({ sinks: ${sinkCount} })`;
    this.#watch = new OverrunWatch(this.#up, this.#name);
    this.#subscriber = this.#createSubscriber();
  }

  get isOver(): boolean {
    return this.#isEnded || this.#subscriber.closed;
  }

  join(destination: Subscriber<T>): void {
    if (this.#isStarted) throw tooManySinks(this.#sinkCount);
    const sink = { destination, gate: gateOf(destination) };
    this.#sinks.add(sink);
    destination.add(() => this.#leave(sink));
    if (this.#sinks.size === this.#sinkCount) this.#start();
  }

  #leave(sink: Sink<T>): void {
    this.#sinks.delete(sink);
    this.#remaining = this.#remaining.filter((other) => other !== sink);
    sink.gate.cancel(this.#drain);
    if (!this.#isStarted) return;
    if (this.#sinks.size === 0) this.#subscriber.unsubscribe();
    else this.#drain();
  }

  #start(): void {
    this.#isStarted = true;
    // Closed only now: an item that arrives at once must not count as one that arrives turns too late.
    this.#up.close();
    this.#observe();
    subscribeGated(this.#source, this.#subscriber);
    this.#drain();
  }

  /** Belongs to the report that its sinks are in, to the first one's where there are several. */
  #observe(): void {
    const [below, ...others] = [...this.#sinks].flatMap(({ destination }) => observerBelow(destination) ?? []);
    const phase = (): Phase => (this.#up.isOpen ? 'inputMs' : 'consumerMs');
    const facts = { name: this.#name, remedy: 'have the sinks that hold it up go faster', phase };
    const probe = below?.watch(facts, others);
    if (!probe) return;
    this.#probe = probe;
    this.#drain = probe.timed(this.#drain);
    Object.assign(this.#subscriber, { [OBSERVER]: probe });
    this.#subscriber.add(() => probe.close());
  }

  #createSubscriber(): Subscriber<T> {
    return gatedSubscriber(this.#up, {
      next: (item) => {
        this.#watch.arrived(item);
        this.#probe?.count(item);
        if (this.#sinkCount > 1) keepMemory(item);
        this.#up.close();
        this.#enqueue((destination) => destination.next(item));
      },
      error: (error) => {
        this.#end((destination) => destination.error(error));
      },
      complete: () => {
        this.#end((destination) => destination.complete());
      },
    });
  }

  #end(notification: Notification<T>): void {
    this.#isEnded = true;
    this.#enqueue(notification);
  }

  #enqueue(notification: Notification<T>): void {
    this.#queue.push(notification);
    this.#drain();
  }

  #drain = (): void => {
    if (this.#isDraining) return;
    this.#isDraining = true;
    while (this.#sinks.size > 0 && this.#step());
    this.#isDraining = false;
  };

  /** Hands one notification to one sink, or asks for the next; says whether there may be more to do. */
  #step(): boolean {
    if (this.#remaining.length > 0) return this.#handOut();
    this.#notification = this.#queue.shift();
    if (this.#notification) {
      this.#remaining = [...this.#sinks];
      return true;
    }
    if (this.#isEnded || this.#up.isOpen) return false;
    if (this.#waitFor([...this.#sinks].find((sink) => !sink.gate.isOpen))) return false;
    this.#up.open();
    return true;
  }

  #handOut(): boolean {
    const index = this.#remaining.findIndex(({ gate }) => gate.isOpen);
    const [sink] = index < 0 ? [] : this.#remaining.splice(index, 1);
    if (!sink) {
      for (const waiting of this.#remaining) this.#waitFor(waiting);
      return false;
    }
    within(sink.gate, () => this.#notification?.(sink.destination));
    return true;
  }

  #waitFor(sink: Sink<T> | undefined): boolean {
    sink?.gate.whenOpen(this.#drain);
    return sink !== undefined;
  }
}

function tooManySinks(sinkCount: number): ConfigError {
  return new ConfigError(
    `broadcast has its ${sinkCount} sinks already, and a further one would miss what they had. Say how many there are in ` +
      'broadcast({ sinks }), or let a sink that repeats stay until the source has ended.',
    { path: 'sinks' },
  );
}
