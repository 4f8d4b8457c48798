import type { Phase, StageFacts, StageObserver } from '../demand/observer.js';
import type { StageMeter } from './stageMeter.js';
import type { TimedStage, Timeline } from './timeline.js';

/** What a {@link StageProbe} belongs to. */
export interface Surroundings {
  readonly timeline: Timeline;
  /** The stage that stands for the whole of its report in another one further down. */
  readonly outer?: StageObserver | undefined;
  /** What it delivers to. */
  readonly below?: readonly StageProbe[] | undefined;
}

/** One subscription of a stage, as a report sees it. */
export class StageProbe implements StageObserver, TimedStage {
  readonly facts: StageFacts;
  readonly meter: StageMeter;
  /** The stages whose items it is waiting for: the next ones on each way up. */
  readonly above = new Set<StageProbe>();
  /** What it waited for when the pipeline came to rest. */
  phase: Phase = 'workMs';
  /** Public, since a probe of another copy of this package has no private field of this class. */
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

  /**
   * Has a stage above belong to the report that this one belongs to.
   *
   * @param others - to which it delivers besides; those of other reports are left out.
   */
  watch(facts: StageFacts, others: readonly StageObserver[] = []): StageProbe {
    const timeline = this.timeline;
    // A probe of another copy of this package is one too, but no instance of this class.
    const isOfThisReport = (other: StageObserver): other is StageProbe =>
      'timeline' in other && other.timeline === timeline;
    const below = [this, ...others.filter(isOfThisReport)];
    return new StageProbe(facts, this.meter.stageAbove(facts), { timeline, outer: this.#outer, below });
  }

  /** Counts an item that comes in. */
  count(item: unknown): void {
    this.meter.count(item);
  }

  /** The same work, during which the thread is at work on the pipeline. */
  timed(work: () => void): () => void {
    return () => {
      this.begin();
      try {
        work();
      } finally {
        this.end();
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

  /** The subscription has ended. */
  close(): void {
    this.timeline.detach(this);
    for (const stage of this.#below) stage.above.delete(this);
  }
}
