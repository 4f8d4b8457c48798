import { figuresBetween, type MeterFigures } from './meter.js';
import { ZERO_SUMS, type StageMeter, type StageSums } from './stageMeter.js';
import type { Timeline } from './timeline.js';
import { verdictOf, type Verdict } from './verdict.js';

/** What the queue of a stage held while the thread was not at work on the pipeline. */
export interface QueueReport {
  /** How many items, on an average over that time. */
  readonly mean: number;
  /** The most of them since the report was made. */
  readonly most: number;
  /** How many it may hold; `undefined` where its bound is not a number of items. */
  readonly capacity: number | undefined;
  /** How long it held nothing. */
  readonly emptyMs: number;
  /** How long it took no more. */
  readonly fullMs: number;
}

/** What a report tells of a stage, in milliseconds. */
export interface StageReport {
  /** As the user wrote it; with `of …` where a stage of that name stands elsewhere in the pipeline too. */
  readonly name: string;
  /** Whether it gets its items from outside of the pipeline. */
  readonly isSource: boolean;
  /** How often it was subscribed to. */
  readonly subscriptions: number;
  /**
   * What came in (of a source, what it delivered), and what its time went to: `inputMs`, it wanted items and none came;
   * `consumerMs`, it had what it could hold and nobody wanted it; `workMs`, the thread was at work on the pipeline, or the
   * stage on what it held.
   */
  readonly figures: MeterFigures;
  /** How many items have come out. */
  readonly emitted: number;
  /** What it held; `undefined` for a stage in which no items wait. */
  readonly queue: QueueReport | undefined;
  /** How long the consumer waited for this stage, and not for one further up. */
  readonly heldUpMs: number;
  /** Of `heldUpMs`, where it was the stage's own work: the thread had nothing to do. */
  readonly idleMs: number;
  /** What can be done where all wait for its work. */
  readonly remedy: string | undefined;
}

/** Where the time of a pipeline goes, in milliseconds. */
export interface PipelineReport {
  /** Who consumes. */
  readonly consumer: string;
  /** How often the pipeline was subscribed to. */
  readonly subscriptions: number;
  /** How long it was subscribed to: the sum of the next three. */
  readonly elapsedMs: number;
  /** The consumer wanted items and waited for some stage: the sum of their `heldUpMs`. */
  readonly inputMs: number;
  /** The consumer was busy with what it had. */
  readonly consumerMs: number;
  /** The thread was at work on the pipeline. */
  readonly workMs: number;
  /** The stages, each after those that it gets its items from. */
  readonly stages: readonly StageReport[];
  /** What to make of it. */
  readonly verdict: Verdict;
}

/** The sums of every stage at some moment. */
export type Snapshot = ReadonlyMap<StageMeter, StageSums>;

/** The sums of this moment. */
export function snapshotOf(timeline: Timeline): Snapshot {
  const at = timeline.bringUpToDate();
  const snapshot = new Map<StageMeter, StageSums>();
  const add = (stage: StageMeter): void => {
    for (const above of stage.above.values()) add(above);
    snapshot.set(stage, stage.sums(at));
  };
  add(timeline.consumer);
  return snapshot;
}

/** The report on what lies between two moments. */
export function reportBetween(timeline: Timeline, before: Snapshot, after: Snapshot): PipelineReport {
  const { consumer } = timeline;
  const differenceOf = (stage: StageMeter): StageSums =>
    difference(before.get(stage) ?? ZERO_SUMS, after.get(stage) ?? ZERO_SUMS);
  const names = uniqueNames(consumer);
  const stages = [...after.keys()]
    .filter((stage) => stage !== consumer)
    .map((stage) => stageReport(stage, names.get(stage) ?? stage.traits.name, differenceOf(stage)));
  const { subscriptions, inputMs, consumerMs, workMs } = differenceOf(consumer);
  const elapsedMs = inputMs + consumerMs + workMs;
  const figures = { consumer: consumer.traits.name, subscriptions, elapsedMs, inputMs, consumerMs, workMs, stages };
  return { ...figures, verdict: verdictOf(figures) };
}

function difference(before: StageSums, after: StageSums): StageSums {
  const entries = Object.entries(after) as [keyof StageSums, number][];
  return Object.fromEntries(entries.map(([key, value]) => [key, value - before[key]])) as Record<
    keyof StageSums,
    number
  >;
}

function stageReport({ traits, mostHeld }: StageMeter, name: string, sums: StageSums): StageReport {
  const { subscriptions, emitted, heldUpMs, idleMs, queueMs, itemMs, emptyMs, fullMs } = sums;
  const mean = queueMs > 0 ? itemMs / queueMs : 0;
  return {
    ...{ name, isSource: traits.isSource ?? false, subscriptions, emitted, heldUpMs, idleMs, remedy: traits.remedy },
    figures: figuresBetween(ZERO_SUMS, sums),
    queue: mostHeld === undefined ? undefined : { mean, most: mostHeld, capacity: traits.capacity, emptyMs, fullMs },
  };
}

/** The name of each stage; one that others bear too is completed by that of the first stage below whose own is unique. */
function uniqueNames(consumer: StageMeter): Map<StageMeter, string> {
  const counts = new Map<string, number>();
  const ways = new Map<StageMeter, readonly StageMeter[]>();
  const walk = (stage: StageMeter, below: readonly StageMeter[]): void => {
    ways.set(stage, below);
    counts.set(stage.traits.name, (counts.get(stage.traits.name) ?? 0) + 1);
    for (const above of stage.above.values()) walk(above, [stage, ...below]);
  };
  walk(consumer, []);
  const isUnique = ({ traits }: StageMeter): boolean => counts.get(traits.name) === 1;
  const nameOf = (stage: StageMeter, below: readonly StageMeter[]): string => {
    if (isUnique(stage)) return stage.traits.name;
    return `${stage.traits.name} of ${below.find(isUnique)?.traits.name ?? consumer.traits.name}`;
  };
  return new Map([...ways].map(([stage, below]) => [stage, nameOf(stage, below)]));
}
