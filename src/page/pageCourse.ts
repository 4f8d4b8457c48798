import { sumOf } from '../base/sumOf.js';
import type { HistoryPart } from './history.js';
import type { StageReport, ThreadReport } from '../report/reportTypes.js';
import { CHART_WIDTH } from './chart.js';

type Share = 'inputMs' | 'workMs' | 'consumerMs';

/** The values that the page draws: one for each time interval. */
export interface Course {
  readonly totalMs: number;
  /** The ends of the intervals as positions in a chart. */
  readonly ends: readonly number[];
  readonly times: readonly string[];
  /** The subscriptions to `report`, as positions in a chart. `number` counts the subscriptions from 0. */
  readonly epochs: readonly { readonly position: number; readonly number: number }[];
  readonly shares: Readonly<Record<Share, readonly number[]>>;
  readonly bytesPerSecond: readonly number[];
  readonly stages: readonly StageCourse[];
}

export interface StageCourse {
  readonly name: string;
  /** The mean number of items in the queue, or `undefined` if the stage has no queue. */
  readonly queue: readonly (number | undefined)[] | undefined;
  readonly itemsPerSecond: readonly number[];
  /** The share of the time in which the consumer waited for this stage. */
  readonly heldUp: readonly number[];
  readonly threads: readonly ThreadCourse[];
}

export interface ThreadCourse {
  readonly name: string;
  /** The share of the time in which the thread worked. `undefined` while there was no such thread. */
  readonly work: readonly (number | undefined)[];
}

/** @param stages - all stages. A part may lack stages that were subscribed later. */
export function courseOf(stages: readonly StageReport[], parts: readonly HistoryPart[]): Course {
  const totalMs = parts.at(-1)?.toMs ?? 0;
  const positionOf = (ms: number): number => Math.round((ms / totalMs) * CHART_WIDTH);
  const share = (key: Share): number[] => parts.map((part) => part.report[key] / lengthOf(part));
  let subscriptions = 0;
  return {
    totalMs,
    ends: parts.map(({ toMs }) => positionOf(toMs)),
    times: parts.map(({ fromMs, toMs }) => `${seconds(fromMs)} to ${seconds(toMs)} s`),
    epochs: parts.flatMap(({ fromMs, report }) => {
      const number = subscriptions;
      subscriptions += report.subscriptions;
      return report.subscriptions > 0 ? [{ position: positionOf(fromMs), number }] : [];
    }),
    shares: { inputMs: share('inputMs'), workMs: share('workMs'), consumerMs: share('consumerMs') },
    bytesPerSecond: parts.map((part) => {
      const sources = part.report.stages.filter(({ isSource }) => isSource);
      return (sumOf(sources.map(({ figures }) => figures.bytes)) / lengthOf(part)) * 1000;
    }),
    stages: stages.map((stage) => courseOfStage(stage, parts)),
  };
}

function courseOfStage({ name, queue, threads }: StageReport, parts: readonly HistoryPart[]): StageCourse {
  const found = parts.map(({ report }) => report.stages.find((stage) => stage.name === name));
  const perMs = (part: HistoryPart, amount: number | undefined): number => (amount ?? 0) / lengthOf(part);
  return {
    name,
    queue: queue && found.map((stage) => stage?.queue?.mean),
    itemsPerSecond: parts.map((part, i) => perMs(part, found[i]?.emitted) * 1000),
    heldUp: parts.map((part, i) => perMs(part, found[i]?.heldUpMs)),
    threads: threads.map((thread) => ({
      name: thread.name,
      work: found.map((stage) => workShare(stage?.threads.find((other) => other.name === thread.name))),
    })),
  };
}

/** The share of the time in which the thread worked. */
export function workShare(thread: ThreadReport | undefined): number | undefined {
  if (!thread) return undefined;
  const { workMs, waitMs } = thread;
  return workMs + waitMs > 0 ? workMs / (workMs + waitMs) : undefined;
}

function lengthOf({ fromMs, toMs }: HistoryPart): number {
  return toMs - fromMs;
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(2);
}
