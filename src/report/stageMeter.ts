import { Meter, ZERO_TALLY, type Tally } from './meter.js';
import type { Phase, StageFacts } from '../demand/observer.js';

export interface StageSums extends Tally {
  readonly subscriptions: number;
  readonly emitted: number;
  readonly heldUpMs: number;
  readonly idleMs: number;
  /** The time during which the queue length was measured. The mean queue length is `itemMs / queueMs`. */
  readonly queueMs: number;
  readonly itemMs: number;
  readonly emptyMs: number;
  readonly fullMs: number;
}

export const ZERO_SUMS: StageSums = {
  ...ZERO_TALLY,
  ...{ subscriptions: 0, emitted: 0, heldUpMs: 0, idleMs: 0, queueMs: 0, itemMs: 0, emptyMs: 0, fullMs: 0 },
};

export interface MeteredStage {
  readonly facts: StageFacts;
  phase: Phase;
}

export type StageTraits = Pick<StageFacts, 'name' | 'isSource' | 'capacity' | 'remedy'>;

/**
 * The figures of a stage over all its subscriptions, also concurrent ones, as for the files of `interleave`. Stages
 * with the same name share a meter if they are directly upstream of the same stage.
 */
export class StageMeter extends Meter {
  readonly traits: StageTraits;
  readonly above = new Map<string, StageMeter>();
  readonly probes = new Set<MeteredStage>();
  subscriptions = 0;
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

  stageAbove(traits: StageTraits): StageMeter {
    const known = this.above.get(traits.name);
    if (known) return known;
    const meter = new StageMeter(traits, this.#clock);
    this.above.set(traits.name, meter);
    return meter;
  }

  /** After an item that contains itself, counts no more bytes. */
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

  stop(at: number): void {
    this.#held = undefined;
    this.enter(undefined, at);
  }

  rest(at: number): void {
    let phase: Phase = 'consumerMs';
    this.#held = undefined;
    this.#isFull = false;
    for (const probe of this.probes) {
      probe.phase = probe.facts.phase();
      // Priority if subscriptions differ: `inputMs`, `workMs`, `consumerMs`.
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

  sums(at: number): StageSums {
    let emitted = this.#isEmittedCounted ? this.#emittedBefore : this.records;
    for (const { facts } of this.probes) emitted += facts.emitted?.() ?? 0;
    const { subscriptions, heldUpMs, idleMs } = this;
    return { ...this.tally(at), ...this.#queue, subscriptions, emitted, heldUpMs, idleMs };
  }
}
