import { demandChanges } from '../base/demandChanges.js';
import type { Gate } from '../demand/gate.js';
import { ADVICE_IN_CODE, type Advice } from './verdict.js';
import { StageMeter, type MeteredStage } from './stageMeter.js';

/** Called when the thread starts and stops working on the pipeline. Times are in milliseconds. */
export interface TimelineListener {
  readonly begun: (at: number) => void;
  /** Called after the phases of all stages are up to date. */
  readonly rested: (at: number) => void;
}

export interface TimedStage extends MeteredStage {
  readonly meter: StageMeter;
  readonly above: ReadonlySet<TimedStage>;
}

/**
 * Divides the time of a pipeline into three parts: the thread works on the pipeline, the consumer is busy, or the
 * consumer waits for a stage. Reads the clock and the stages' phases only when the thread starts or stops working on
 * the pipeline. Between changes of phases, only sums of times grow. When a phase changes or a report is made, the sums
 * are added to the times of all stages, and to `heldUpMs` of the stages that the consumer waits for.
 */
export class Timeline {
  readonly consumer: StageMeter;
  readonly advice: Advice;
  listener: TimelineListener | undefined;
  readonly #stages = new Set<StageMeter>();
  readonly #ends = new Map<TimedStage, Gate>();
  /** The number of nested calls of `begin`. */
  depth = 0;
  /** False if the thread began its work without a subscription of this report. */
  #isMeasured = false;
  /** The time of the last outermost call of `begin`, `end` or `settle`. */
  #since = 0;
  #workMs = 0;
  #restMs = 0;
  #idleMs = 0;
  /** The value of `demandChanges` when the phases were last updated. */
  #changes = 0;
  /**
   * The probes of all stages as an array, because iterating over sets takes longer. `undefined` after a change of the
   * stages.
   */
  #probes: readonly MeteredStage[] | undefined;
  /** The closed gates of `#ends`. A gate that opens or closes changes the phase of its stage. */
  #closedGates: readonly Gate[] = [];
  /** The stages whose queue lengths are measured. */
  #queues: readonly StageMeter[] = [];
  #awaited: readonly StageMeter[] = [];
  /** The thread's idle time when the consumer began to wait for work on another thread. */
  #idleBefore: number | undefined;

  constructor(name: string, advice: Advice = ADVICE_IN_CODE) {
    this.advice = advice;
    this.consumer = new StageMeter({ name });
  }

  // Called for each chunk or batch. Before V8 compiles this method, each function call in it costs 50 ns.
  begin(): void {
    if (this.depth++ > 0) return;
    this.#isMeasured = this.#ends.size > 0;
    if (!this.#isMeasured) return;
    const at = performance.now();
    this.#addRest(at);
    this.#since = at;
    this.listener?.begun(at);
  }

  end(): void {
    if (--this.depth > 0) return;
    const at = performance.now();
    if (this.#isMeasured) this.#workMs += at - this.#since;
    this.#since = at;
    if (this.#changes !== demandChanges.count || !this.#probes) {
      this.#changes = demandChanges.count;
      if (this.#probes?.some(hasChanged) ?? true) this.#lookAtStages(at);
    }
    if (this.#queues.length > 0) this.#lookAtQueues();
    if (this.#closedGates.length > 0) this.#waitForGates();
    this.listener?.rested(at);
  }

  attach(probe: TimedStage): void {
    const at = now();
    this.settle(at);
    if (this.depth > 0 && !this.#isMeasured) this.listener?.begun(at);
    this.#isMeasured = true;
    probe.meter.attach(probe);
    this.#stages.add(probe.meter);
    this.#probes = undefined;
  }

  attachEnd(probe: TimedStage, gate: Gate): void {
    this.#ends.set(probe, gate);
  }

  detach(probe: TimedStage): void {
    this.begin();
    this.settle(now());
    this.#ends.get(probe)?.cancel(this.#look);
    this.#ends.delete(probe);
    probe.meter.detach(probe);
    if (probe.meter.probes.size === 0) this.#stages.delete(probe.meter);
    this.#probes = undefined;
    this.end();
  }

  bringUpToDate(): number {
    this.#look();
    const at = now();
    this.settle(at);
    return at;
  }

  /** Adds the time since the last call to the stages. */
  settle(at: number): void {
    if (this.depth === 0) this.#addRest(at);
    else if (this.#isMeasured) this.#workMs += at - this.#since;
    this.#since = at;
    const { length } = this.#awaited;
    for (const stage of this.#awaited) {
      stage.heldUpMs += this.#restMs / length;
      stage.idleMs += this.#idleMs / length;
    }
    for (const stage of this.#stages) stage.spend(this.#restMs, this.#workMs);
    this.#restMs = this.#workMs = this.#idleMs = 0;
  }

  readonly #look = (): void => {
    if (this.depth > 0) return;
    this.begin();
    this.end();
  };

  #addRest(at: number): void {
    const restedMs = at - this.#since;
    this.#restMs += restedMs;
    if (this.#queues.length > 0) for (const stage of this.#queues) stage.addQueueTime(restedMs);
    if (this.#idleBefore === undefined) return;
    const idle = idleMs();
    this.#idleMs += idle - this.#idleBefore;
    this.#idleBefore = idle;
  }

  #lookAtQueues(): void {
    for (const stage of this.#queues) stage.lookAtQueue();
  }

  /** A gate forgets its waiters when it opens. So the waiter is added to each gate that is closed now. */
  #waitForGates(): void {
    for (const gate of this.#closedGates) gate.whenOpen(this.#look);
  }

  /** Reads the phases of the stages, and finds the stages that the consumer waits for. */
  #lookAtStages(at: number): void {
    // The time until now belongs to the earlier phases.
    this.settle(at);
    const { size } = this.#ends;
    const stages = [...this.#stages];
    for (const stage of stages) {
      if (size > 0) stage.rest();
      else stage.stop();
    }
    const awaited: StageMeter[] = [];
    for (const [probe, gate] of this.#ends) if (gate.isOpen) addAwaited(probe, awaited);
    this.#awaited = awaited;
    this.#probes = size > 0 ? stages.flatMap(({ probes }) => [...probes]) : undefined;
    this.#closedGates = [...this.#ends.values()].filter(({ isOpen }) => !isOpen);
    this.#queues = size > 0 ? stages.filter(({ hasQueue }) => hasQueue) : [];
    this.#idleBefore = awaited.some(worksElsewhere) ? idleMs() : undefined;
  }
}

/** Adds the stages that the consumer waits for: sources, and stages with unfinished work on another thread. */
function addAwaited(waiting: TimedStage, awaited: StageMeter[]): void {
  let next: TimedStage | undefined;
  for (const stage of waiting.above) {
    // The consumer does not wait for a stage that has delivered its items.
    if (stage.phase === 'consumerMs') continue;
    next = stage;
    if (stage.phase === 'workMs' || stage.facts.isSource) awaited.push(stage.meter);
    else addAwaited(stage, awaited);
  }
  if (next) return;
  // A stage with two consumers may wait for the other consumer.
  for (const stage of waiting.above) {
    awaited.push(stage.meter);
    return;
  }
  const { meter, facts } = waiting;
  // No stage above is subscribed now, so the consumer waits for the last stage that was.
  const last = [...meter.above.values()].at(-1);
  awaited.push(last ?? meter.stageAbove({ name: `unmeasured source of ${facts.name}`, isSource: true }));
}

const now = (): number => performance.now();

const hasChanged = (probe: MeteredStage): boolean => probe.facts.phase() !== probe.phase;

const worksElsewhere = ({ traits }: StageMeter): boolean => traits.isSource !== true;

const idleMs = (): number => performance.eventLoopUtilization().idle;
