import { figuresBetween } from './meter.js';
import { ZERO_SUMS, type StageMeter, type StageSums } from './stageMeter.js';
import type { PipelineReport, StageReport, ThreadReport } from './reportTypes.js';
import { ZERO_THREAD } from './threadMeters.js';
import type { Timeline } from './timeline.js';
import { verdictOf } from './verdict.js';

export type Snapshot = ReadonlyMap<StageMeter, StageSums>;

export function snapshotOf(timeline: Timeline): Snapshot {
  return sumsAt(timeline, timeline.bringUpToDate());
}

export function sumsAt(timeline: Timeline, at: number): Snapshot {
  timeline.settle(at);
  const snapshot = new Map<StageMeter, StageSums>();
  const add = (stage: StageMeter): void => {
    for (const above of stage.above.values()) add(above);
    snapshot.set(stage, stage.sums());
  };
  add(timeline.consumer);
  return snapshot;
}

export function reportBetween(timeline: Timeline, before: Snapshot, after: Snapshot): PipelineReport {
  const { consumer, advice } = timeline;
  const differenceOf = (stage: StageMeter): StageSums =>
    difference(before.get(stage) ?? ZERO_SUMS, after.get(stage) ?? ZERO_SUMS);
  const names = uniqueNames(consumer);
  const inputs = [...consumer.above.values()].map((stage) => differenceOf(stage).emitted);
  const stages = [...after.keys()]
    .filter((stage) => stage !== consumer)
    .map((stage) => stageReport(stage, names.get(stage) ?? stage.traits.name, differenceOf(stage)));
  if (advice.areStagesAlike) stages.sort((one, other) => one.name.localeCompare(other.name, 'en', { numeric: true }));
  const { subscriptions, inputMs, consumerMs, workMs, batches } = differenceOf(consumer);
  const elapsedMs = inputMs + consumerMs + workMs;
  const figures = { consumer: consumer.traits.name, subscriptions, elapsedMs, inputMs, consumerMs, workMs, stages };
  const items = batches || inputs.reduce((sum, emitted) => sum + emitted, 0);
  return { ...figures, verdict: verdictOf(figures, items, advice) };
}

function difference(before: StageSums, after: StageSums): StageSums {
  const threads = [...after.threads].map(([name, sums]) => {
    return [name, numbersBetween(before.threads.get(name) ?? ZERO_THREAD, sums)] as const;
  });
  return numbersBetween(before, { ...after, threads: new Map(threads) });
}

/** Subtracts the fields that are numbers. */
function numbersBetween<T extends object>(before: T, after: T): T {
  const entries = Object.entries(after) as [keyof T, unknown][];
  const differences = entries.map(([key, value]) => [
    key,
    typeof value === 'number' ? value - (before[key] as number) : value,
  ]);
  return Object.fromEntries(differences) as T;
}

function threadReports(threads: StageSums['threads']): ThreadReport[] {
  return [...threads].map(([name, { items, workMs, waitMs, heldMs }]) => {
    const totalMs = workMs + waitMs;
    return { name, items, workMs, waitMs, held: totalMs > 0 ? heldMs / totalMs : 0 };
  });
}

function stageReport({ traits, mostHeld, mostQueues }: StageMeter, name: string, sums: StageSums): StageReport {
  const { subscriptions, emitted, heldUpMs, idleMs, queueMs, itemMs, emptyMs, fullMs } = sums;
  const mean = queueMs > 0 ? itemMs / queueMs : 0;
  const limit = typeof traits.capacity === 'function' ? traits.capacity() : traits.capacity;
  const capacity = limit && limit * mostQueues;
  const remedy = typeof traits.remedy === 'function' ? traits.remedy() : traits.remedy;
  return {
    ...{ name, isSource: traits.isSource ?? false, subscriptions, emitted, heldUpMs, idleMs, remedy },
    figures: figuresBetween(ZERO_SUMS, sums),
    threads: threadReports(sums.threads),
    queue: mostHeld === undefined ? undefined : { mean, most: mostHeld, capacity, emptyMs, fullMs },
  };
}

/** If several stages have the same name, appends "of" and the first unique name downstream. */
export function uniqueNames(consumer: StageMeter): Map<StageMeter, string> {
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
