import { performance } from 'node:perf_hooks';
import type { Gate } from '../demand/gate.js';
import { ADVICE_IN_CODE, type Advice } from './verdict.js';
import { StageMeter, type MeteredStage } from './stageMeter.js';

/** Called when the thread enters and leaves the pipeline. Times are in milliseconds. */
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
 * consumer waits for a stage. Reads the clock and the stages' phases only when the thread enters or leaves the
 * pipeline.
 */
export class Timeline {
  readonly consumer: StageMeter;
  readonly advice: Advice;
  listener: TimelineListener | undefined;
  readonly #stages = new Set<StageMeter>();
  readonly #ends = new Map<TimedStage, Gate>();
  #depth = 0;
  #restsSince = 0;
  readonly #culprits: StageMeter[] = [];
  /** The thread's idle time when the consumer began to wait for work on another thread. */
  #idleBefore: number | undefined;

  constructor(name: string, advice: Advice = ADVICE_IN_CODE) {
    this.advice = advice;
    this.consumer = new StageMeter({ name }, now);
  }

  begin(): void {
    if (this.#depth++ === 0) this.#work();
  }

  end(): void {
    if (--this.#depth === 0) this.#rest();
  }

  attach(probe: TimedStage): void {
    probe.meter.attach(probe);
    this.#stages.add(probe.meter);
    if (this.#depth > 0) probe.meter.enter('workMs');
  }

  attachEnd(probe: TimedStage, gate: Gate): void {
    this.#ends.set(probe, gate);
  }

  detach(probe: TimedStage): void {
    this.begin();
    this.#ends.get(probe)?.cancel(this.#look);
    this.#ends.delete(probe);
    probe.meter.detach(probe, now());
    if (probe.meter.probes.size === 0) this.#stages.delete(probe.meter);
    this.end();
  }

  bringUpToDate(): number {
    this.#look();
    return now();
  }

  readonly #look = (): void => {
    if (this.#depth > 0) return;
    this.begin();
    this.end();
  };

  #rest(): void {
    const at = now();
    this.#restsSince = at;
    // `length = 0` would free the memory of the array.
    while (this.#culprits.length > 0) this.#culprits.pop();
    for (const stage of this.#stages) {
      if (this.#ends.size > 0) stage.rest(at);
      else stage.stop(at);
    }
    for (const [probe, gate] of this.#ends) {
      if (gate.isOpen) addCulprits(probe, this.#culprits);
      else gate.whenOpen(this.#look);
    }
    this.#idleBefore = this.#culprits.some(worksElsewhere) ? idleMs() : undefined;
    this.listener?.rested(at);
  }

  #work(): void {
    if (this.#ends.size === 0) return;
    const at = now();
    const restedMs = at - this.#restsSince;
    const each = restedMs / this.#culprits.length;
    const idle = this.#idleBefore === undefined ? 0 : idleMs() - this.#idleBefore;
    for (const culprit of this.#culprits) {
      culprit.heldUpMs += each;
      culprit.idleMs += idle / this.#culprits.length;
    }
    for (const stage of this.#stages) stage.work(at, restedMs);
    this.listener?.begun(at);
  }
}

/** Adds the stages that the consumer waits for: sources, and stages with unfinished work on another thread. */
function addCulprits(waiting: TimedStage, culprits: StageMeter[]): void {
  let next: TimedStage | undefined;
  for (const stage of waiting.above) {
    // A stage that waits for its consumer has delivered its items.
    if (stage.phase === 'consumerMs') continue;
    next = stage;
    if (stage.phase === 'workMs' || stage.facts.isSource) culprits.push(stage.meter);
    else addCulprits(stage, culprits);
  }
  if (next) return;
  // A stage with two consumers may wait for the other consumer.
  for (const stage of waiting.above) {
    culprits.push(stage.meter);
    return;
  }
  culprits.push(waiting.meter.stageAbove({ name: `unmeasured source of ${waiting.facts.name}`, isSource: true }));
}

const now = (): number => performance.now();

const worksElsewhere = ({ traits }: StageMeter): boolean => traits.isSource !== true;

const idleMs = (): number => performance.eventLoopUtilization().idle;
