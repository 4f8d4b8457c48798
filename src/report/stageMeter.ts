import { Meter, ZERO_TALLY, type Tally } from './meter.js';
import type { Phase, StageFacts } from '../demand/observer.js';

/** Everything that adds up of a stage. Times in milliseconds. */
export interface StageSums extends Tally {
  readonly subscriptions: number;
  readonly emitted: number;
  /** How long the consumer waited for this stage, and for nothing nearer to the source. */
  readonly heldUpMs: number;
  /** Of `heldUpMs`: the thread had nothing else to do. */
  readonly idleMs: number;
  /** How long its queue was looked at, and the sum over that time of what it held. */
  readonly queueMs: number;
  readonly itemMs: number;
  readonly emptyMs: number;
  readonly fullMs: number;
}

/** The sums of a beginning. */
export const ZERO_SUMS: StageSums = {
  ...ZERO_TALLY,
  ...{ subscriptions: 0, emitted: 0, heldUpMs: 0, idleMs: 0, queueMs: 0, itemMs: 0, emptyMs: 0, fullMs: 0 },
};

/** One subscription of a stage, as its meter sees it. */
export interface MeteredStage {
  readonly facts: StageFacts;
  /** What it waited for when the pipeline came to rest. */
  phase: Phase;
}

/** What a name is told of, which stays the same from one subscription to the next. */
export type StageTraits = Pick<StageFacts, 'name' | 'isSource' | 'capacity' | 'remedy'>;

/**
 * The figures of a stage over all its subscriptions, one after the other (epochs) or at the same time (the files that
 * `interleave` reads): those of one name above one other stage count as one.
 */
export class StageMeter extends Meter {
  readonly traits: StageTraits;
  /** The stages above it, by name. */
  readonly above = new Map<string, StageMeter>();
  readonly probes = new Set<MeteredStage>();
  /** How many subscriptions there were. */
  subscriptions = 0;
  /** The most that it held while the pipeline rested; `undefined` for a stage that holds nothing. */
  mostHeld: number | undefined;
  heldUpMs = 0;
  idleMs = 0;
  readonly #clock: () => number;
  readonly #queue = { queueMs: 0, itemMs: 0, emptyMs: 0, fullMs: 0 };
  #emittedBefore = 0;
  #isEmittedCounted = false;
  #held: number | undefined;
  #isFull = false;
  #isWeighed = true;

  constructor(traits: StageTraits, now: () => number) {
    super(now, false);
    this.traits = traits;
    this.#clock = now;
  }

  /** The stage of that name above this one. */
  stageAbove(traits: StageTraits): StageMeter {
    const known = this.above.get(traits.name);
    if (known) return known;
    const meter = new StageMeter(traits, this.#clock);
    this.above.set(traits.name, meter);
    return meter;
  }

  /** Counts an item that comes in. One that contains itself has no size: bytes are counted no further then. */
  override count(item: unknown): void {
    if (this.#isWeighed) {
      try {
        super.count(item);
      } catch {
        this.#isWeighed = false;
      }
    } else this.records++;
  }

  attach(probe: MeteredStage): void {
    this.probes.add(probe);
    this.subscriptions++;
    if (probe.facts.emitted) this.#isEmittedCounted = true;
  }

  detach(probe: MeteredStage, at: number): void {
    this.#emittedBefore += probe.facts.emitted?.() ?? 0;
    this.probes.delete(probe);
    if (this.probes.size === 0) this.stop(at);
  }

  /** Time goes on without it. */
  stop(at: number): void {
    this.#held = undefined;
    this.enter(undefined, at);
  }

  /** The thread leaves the pipeline: looks at what the stage waits for until it comes back. */
  rest(at: number): void {
    let phase: Phase = 'consumerMs';
    this.#held = undefined;
    this.#isFull = false;
    for (const probe of this.probes) {
      probe.phase = probe.facts.phase();
      // What is most urgent of its subscriptions is what the stage waits for.
      if (probe.phase === 'inputMs' || phase === 'consumerMs') phase = probe.phase;
      this.#look(probe.facts);
    }
    this.enter(phase, at);
  }

  #look({ held, isFull }: StageFacts): void {
    const items = held?.();
    if (items === undefined) return;
    this.#held = (this.#held ?? 0) + items;
    this.#isFull ||= isFull?.() ?? false;
    this.mostHeld = Math.max(this.mostHeld ?? 0, this.#held);
  }

  /** The thread comes back, after so long a time. */
  work(at: number, restedMs: number): void {
    if (this.#held !== undefined) {
      const queue = this.#queue;
      queue.queueMs += restedMs;
      queue.itemMs += restedMs * this.#held;
      if (this.#held === 0) queue.emptyMs += restedMs;
      if (this.#isFull) queue.fullMs += restedMs;
    }
    this.enter('workMs', at);
  }

  /** What there is so far. */
  sums(at: number): StageSums {
    let emitted = this.#isEmittedCounted ? this.#emittedBefore : this.records;
    for (const { facts } of this.probes) emitted += facts.emitted?.() ?? 0;
    const { subscriptions, heldUpMs, idleMs } = this;
    return { ...this.tally(at), ...this.#queue, subscriptions, emitted, heldUpMs, idleMs };
  }
}
