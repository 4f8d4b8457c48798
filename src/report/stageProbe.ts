import type { Phase, StageFacts, StageObserver } from '../demand/observer.js';
import type { StageMeter } from './stageMeter.js';
import type { TimedStage, Timeline } from './timeline.js';

export interface Surroundings {
  readonly timeline: Timeline;
  /** The observer of a second `report` downstream, which shows this pipeline as one source. */
  readonly outer?: StageObserver | undefined;
  readonly below?: readonly StageProbe[] | undefined;
}

export class StageProbe implements StageObserver, TimedStage {
  readonly facts: StageFacts;
  readonly meter: StageMeter;
  readonly above = new Set<StageProbe>();
  phase: Phase = 'workMs';
  /** Public, because a probe of another copy of this package lacks this class's private fields. */
  readonly timeline: Timeline;
  readonly #outer: StageObserver | undefined;
  readonly #below: readonly StageProbe[];

  constructor(facts: StageFacts, meter: StageMeter, { timeline, outer, below = [] }: Surroundings) {
    this.facts = facts;
    this.meter = meter;
    this.timeline = timeline;
    this.#outer = outer;
    this.#below = below;
    for (const stage of below) stage.above.add(this);
    timeline.attach(this);
  }

  watch(facts: StageFacts, others: readonly StageObserver[] = []): StageProbe {
    const timeline = this.timeline;
    // Without `instanceof`, because the probe may belong to another copy of this package.
    const isOfThisReport = (other: StageObserver): other is StageProbe =>
      'timeline' in other && other.timeline === timeline;
    const below = [this, ...others.filter(isOfThisReport)];
    return new StageProbe(facts, this.meter.stageAbove(facts), { timeline, outer: this.#outer, below });
  }

  count(item: unknown): void {
    this.meter.count(item);
  }

  countBatch(): void {
    this.meter.batches++;
  }

  timed(work: () => void): () => void {
    const { timeline } = this;
    const outer = this.#outer;
    return () => {
      // Faster, and has the same effect.
      if (timeline.depth > 0 && !outer) {
        work();
        return;
      }
      outer?.begin();
      timeline.begin();
      try {
        work();
      } finally {
        timeline.end();
        outer?.end();
      }
    };
  }

  begin(): void {
    this.#outer?.begin();
    this.timeline.begin();
  }

  end(): void {
    this.timeline.end();
    this.#outer?.end();
  }

  close(): void {
    this.timeline.detach(this);
    for (const stage of this.#below) stage.above.delete(this);
  }
}
