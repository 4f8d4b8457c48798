import { byteLengthOf } from '../base/byteLengthOf.js';
import { Meter, ZERO_TALLY, type Tally } from './meter.js';
import type { Phase, StageFacts, ThreadUsage } from '../demand/observer.js';
import { ThreadMeters, type ThreadSums } from './threadMeters.js';

export interface StageSums extends Tally {
  readonly subscriptions: number;
  readonly emitted: number;
  /** The number of received items that are batches of the upstream stage's items. */
  readonly batches: number;
  readonly heldUpMs: number;
  readonly idleMs: number;
  /** The time during which the queue length was measured. The mean queue length is `itemMs / queueMs`. */
  readonly queueMs: number;
  readonly itemMs: number;
  readonly emptyMs: number;
  readonly fullMs: number;
  readonly threads: ReadonlyMap<string, ThreadSums>;
}

export const ZERO_SUMS: StageSums = {
  ...ZERO_TALLY,
  ...{ subscriptions: 0, emitted: 0, batches: 0, heldUpMs: 0, idleMs: 0 },
  ...{ queueMs: 0, itemMs: 0, emptyMs: 0, fullMs: 0, threads: new Map() },
};

export interface MeteredStage {
  readonly facts: StageFacts;
  phase: Phase;
}

export type StageTraits = Pick<StageFacts, 'name' | 'isSource' | 'capacity' | 'remedy'>;

/**
 * The counts and times of a stage over all its subscriptions. Subscriptions can be concurrent, for example to the files
 * of `interleave`. Stages with the same name share a meter if they are directly upstream of the same stage.
 */
export class StageMeter extends Meter {
  readonly traits: StageTraits;
  readonly above = new Map<string, StageMeter>();
  readonly probes = new Set<MeteredStage>();
  subscriptions = 0;
  batches = 0;
  mostHeld: number | undefined;
  /** The maximum number of simultaneous subscriptions with a queue. */
  mostQueues = 0;
  heldUpMs = 0;
  idleMs = 0;
  readonly #threads = new ThreadMeters();
  readonly #queue = { queueMs: 0, itemMs: 0, emptyMs: 0, fullMs: 0 };
  #emittedBefore = 0;
  #isEmittedCounted = false;
  #phase: Phase | undefined;
  #held: number | undefined;
  #isFull = false;
  #isWeighed = true;

  constructor(traits: StageTraits) {
    super(undefined, false);
    this.traits = traits;
  }

  /** The phase that `rest` has read last, or `undefined` before the first call of `rest` and after `stop`. */
  override get phase(): Phase | undefined {
    return this.#phase;
  }

  get hasQueue(): boolean {
    return this.#held !== undefined;
  }

  stageAbove(traits: StageTraits): StageMeter {
    const known = this.above.get(traits.name);
    if (known) return known;
    const meter = new StageMeter(traits);
    this.above.set(traits.name, meter);
    return meter;
  }

  /** Counts no more bytes after an item that contains itself. */
  override count(item: unknown): void {
    this.records++;
    if (item instanceof Uint8Array) this.bytes += item.length;
    else if (this.#isWeighed) this.#weigh(item);
  }

  #weigh(item: unknown): void {
    try {
      this.bytes += byteLengthOf(item);
    } catch {
      this.#isWeighed = false;
    }
  }

  attach(probe: MeteredStage): void {
    this.probes.add(probe);
    this.subscriptions++;
    if (probe.facts.emitted) this.#isEmittedCounted = true;
    if (probe.facts.threads) this.#threads.begin(probe.facts.threads());
  }

  detach(probe: MeteredStage): void {
    this.#emittedBefore += probe.facts.emitted?.() ?? 0;
    const { threads } = probe.facts;
    if (threads) this.#threads.look(this.#usages());
    this.probes.delete(probe);
    if (threads) this.#threads.end(this.#usages());
    if (this.probes.size === 0) this.stop();
  }

  stop(): void {
    this.#held = undefined;
    this.#phase = undefined;
  }

  /** Reads the phases and queue lengths of the probes. */
  rest(): void {
    let phase: Phase = 'consumerMs';
    for (const probe of this.probes) {
      probe.phase = probe.facts.phase();
      // If the phases of subscriptions differ, the priority is `inputMs`, `workMs`, `consumerMs`.
      if (probe.phase === 'inputMs' || phase === 'consumerMs') phase = probe.phase;
    }
    this.#phase = phase;
    this.lookAtQueue();
  }

  lookAtQueue(): void {
    this.#held = undefined;
    this.#isFull = false;
    let queues = 0;
    for (const { facts } of this.probes) {
      const items = facts.held?.();
      if (items === undefined) continue;
      this.mostQueues = Math.max(this.mostQueues, ++queues);
      this.#held = (this.#held ?? 0) + items;
      this.#isFull ||= facts.isFull?.() ?? false;
      this.mostHeld = Math.max(this.mostHeld ?? 0, this.#held);
    }
  }

  /** Adds time during which the queue had its last measured length. */
  addQueueTime(restedMs: number): void {
    const queue = this.#queue;
    const held = this.#held ?? 0;
    queue.queueMs += restedMs;
    queue.itemMs += restedMs * held;
    if (held === 0) queue.emptyMs += restedMs;
    if (this.#isFull) queue.fullMs += restedMs;
  }

  /** @param restMs - the time in the last phase. */
  spend(restMs: number, workMs: number): void {
    if (this.#phase) this.add(this.#phase, restMs);
    this.add('workMs', workMs);
  }

  /** Subscriptions of one Observable share its threads. */
  #usages(): Iterable<ThreadUsage> {
    const usages = [...this.probes].flatMap(({ facts }) => facts.threads?.() ?? []);
    return new Map(usages.map((usage) => [usage.thread, usage])).values();
  }

  sums(): StageSums {
    let emitted = this.#isEmittedCounted ? this.#emittedBefore : this.records;
    for (const { facts } of this.probes) emitted += facts.emitted?.() ?? 0;
    const { subscriptions, batches, heldUpMs, idleMs } = this;
    this.#threads.look(this.#usages());
    const threads = this.#threads.sums();
    return { ...this.tally(), ...this.#queue, subscriptions, emitted, batches, heldUpMs, idleMs, threads };
  }
}
