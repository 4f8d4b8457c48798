import { performance } from 'node:perf_hooks';
import type { Gate } from '../demand/gate.js';
import { StageMeter, type MeteredStage } from './stageMeter.js';

/** One subscription of a stage, as a {@link Timeline} sees it. */
export interface TimedStage extends MeteredStage {
  readonly meter: StageMeter;
  /** The stages whose items it is waiting for: the next ones on each way up. */
  readonly above: ReadonlySet<TimedStage>;
}

/**
 * Divides the time of a pipeline's subscriptions among whatever it went to: the thread is at work on the pipeline, or the
 * consumer is busy, or the consumer waits for one of the stages.
 *
 * It looks at the clock, and at each stage, only where the thread enters the pipeline and where it leaves it: what happens
 * within, such as all records of a chunk, is one stretch of work.
 */
export class Timeline {
  /** The end of the pipeline. */
  readonly consumer: StageMeter;
  readonly #stages = new Set<StageMeter>();
  /** The gates of the consumer's subscriptions. */
  readonly #ends = new Map<TimedStage, Gate>();
  #depth = 0;
  #restsSince = 0;
  readonly #culprits: StageMeter[] = [];
  /** How long the thread had been idle in all when the consumer began to wait for a stage's own work. */
  #idleBefore: number | undefined;

  constructor(name: string) {
    this.consumer = new StageMeter({ name }, now);
  }

  /** The thread enters the pipeline, or goes deeper into it. */
  begin(): void {
    if (this.#depth++ === 0) this.#work();
  }

  /** The thread leaves what it entered last. */
  end(): void {
    if (--this.#depth === 0) this.#rest();
  }

  /** A subscription of a stage, which is looked at when the thread leaves the pipeline next. */
  attach(probe: TimedStage): void {
    probe.meter.attach(probe);
    this.#stages.add(probe.meter);
    if (this.#depth > 0) probe.meter.enter('workMs');
  }

  /** A subscription of the consumer's, with the gate by which it says whether it wants items. */
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

  /** Brings the figures up to the present moment, which it returns. */
  bringUpToDate(): number {
    this.#look();
    return now();
  }

  /** What the stages wait for may have changed though none of them was at work. */
  readonly #look = (): void => {
    if (this.#depth > 0) return;
    this.begin();
    this.end();
  };

  #rest(): void {
    const at = now();
    this.#restsSince = at;
    // Emptied so, an array keeps its memory.
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
  }
}

/**
 * Adds the stages that a stage which waits for input is waiting for in the end: a source, or one full of work that
 * goes on elsewhere. Several where it needs several at once, such as two channels that are zipped.
 */
function addCulprits(waiting: TimedStage, culprits: StageMeter[]): void {
  let next: TimedStage | undefined;
  for (const stage of waiting.above) {
    // One that waits for its consumer has given what it was asked for.
    if (stage.phase === 'consumerMs') continue;
    next = stage;
    if (stage.phase === 'workMs' || stage.facts.isSource) culprits.push(stage.meter);
    else addCulprits(stage, culprits);
  }
  if (next) return;
  // One that has two consumers may wait for the other one.
  for (const stage of waiting.above) {
    culprits.push(stage.meter);
    return;
  }
  culprits.push(waiting.meter.stageAbove({ name: `what feeds ${waiting.facts.name}`, isSource: true }));
}

const now = (): number => performance.now();

const worksElsewhere = ({ traits }: StageMeter): boolean => traits.isSource !== true;

const idleMs = (): number => performance.eventLoopUtilization().idle;
