import type { Subscriber } from 'rxjs';
import { carriedBelow } from '../demand/gate.js';
import type { Phase } from './meter.js';
import { PROTOCOL } from '../base/shared.js';
import type { StageMeter } from './stageMeter.js';
import type { Timeline } from './timeline.js';

/** The property by which a subscriber carries the {@link StageProbe} that all above it belong to. */
export const PROBE = Symbol.for(`millrace.probe@${PROTOCOL}`);

/** What one subscription of a stage tells of itself to a report. */
export interface StageFacts {
  /** As the user wrote it, such as `prefetch(10)`. */
  readonly name: string;
  /**
   * What it waits for: its input, its consumer, or work of its own that goes on elsewhere. Asked only while the thread is
   * not at work on the pipeline.
   */
  readonly phase: () => Phase;
  /** Whether it gets its items from outside of the pipeline, such as a file. Default: false. */
  readonly isSource?: boolean | undefined;
  /** How many items have come out. Default: as many as came in. */
  readonly emitted?: (() => number) | undefined;
  /** How many items it holds. Default: `undefined`, nobody knows. */
  readonly held?: (() => number | undefined) | undefined;
  /** Whether it takes no more. Default: never. */
  readonly isFull?: (() => boolean) | undefined;
  /** How many items it may hold, where that is a number. */
  readonly capacity?: number | undefined;
  /** What its user can do where all wait for its work, as the end of a sentence: `raise its concurrency`. */
  readonly remedy?: string | undefined;
}

/** What a {@link StageProbe} belongs to. */
export interface Surroundings {
  readonly timeline: Timeline;
  /** The stage that stands for the whole of its report in another one further down. */
  readonly outer?: StageProbe | undefined;
  /** What it delivers to. */
  readonly below?: readonly StageProbe[] | undefined;
}

/** One subscription of a stage, as a report sees it. */
export class StageProbe {
  readonly facts: StageFacts;
  readonly meter: StageMeter;
  /** The stages whose items it is waiting for: the next ones on each way up. */
  readonly above = new Set<StageProbe>();
  /** What it waited for when the pipeline came to rest. */
  phase: Phase = 'workMs';
  /** Public, since a probe of another copy of this package has no private field of this class. */
  readonly timeline: Timeline;
  readonly #outer: StageProbe | undefined;
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
  watch(facts: StageFacts, others: readonly StageProbe[] = []): StageProbe {
    const timeline = this.timeline;
    const below = [this, ...others.filter((other) => other.timeline === timeline)];
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

/** The stage, or the consumer, that whatever emits to a subscriber delivers to; `undefined` where there is no report. */
export function probeBelow(subscriber: Subscriber<unknown>): StageProbe | undefined {
  return carriedBelow(subscriber, PROBE) as StageProbe | undefined;
}

/**
 * Has a stage belong to the report below it, if there is one.
 *
 * @param subscriber - what the stage emits to.
 * @param facts - called only where there is a report.
 */
export function probeOf(subscriber: Subscriber<unknown>, facts: () => StageFacts): StageProbe | undefined {
  return probeBelow(subscriber)?.watch(facts());
}
