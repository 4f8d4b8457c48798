import { sumOf } from '../base/sumOf.js';
import type { PipelineReport, StageReport, Verdict } from './reportTypes.js';

/** The minimum duration for a verdict. A shorter run mostly loads modules and opens files. */
const SHORTEST_MS = 200;
/** The maximum share of waiting time if the consumer is the bottleneck. */
const KEEPS_UP = 0.05;
/** The minimum share of time that the consumer must be busy for a prefetch to help. */
const IS_BUSY = 0.1;

type Figures = Omit<PipelineReport, 'verdict'>;

/** The remedies, which differ between code and JSON declarations. */
export interface Advice {
  readonly moveWork: (what: string) => string;
  readonly reduceWork: string;
  readonly helpSource: string;
  /** The remedy for threads of `inWorker`. Default: `helpSource`. */
  readonly helpThreads?: (areBusy: boolean) => string;
  /** The remedy if a stage paused while the consumer was busy. Default: a prefetch. */
  readonly readAhead?: string;
  /** True if the stages have no order, such as the hosts of a job, so that the report sorts them by name. */
  readonly areStagesAlike?: true;
}

export const ADVICE_IN_CODE: Advice = {
  moveWork: (what) => `move ${what} to a worker with inWorker`,
  reduceWork:
    'move one slow function to threads with mapInWorkers, or reduce the work (node --cpu-prof shows the functions)',
  helpSource: 'make the input of this source faster',
  helpThreads: (areBusy) =>
    areBusy
      ? 'increase its option workers, or reduce the work of its threads'
      : 'put a second report into its module, to find out what its threads wait for',
};

/**
 * Finds the bottleneck. All percentages in the text are relative to `elapsedMs`.
 *
 * @param items - the number of items that the consumer received.
 */
export function verdictOf(figures: Figures, items: number | undefined, advice = ADVICE_IN_CODE): Verdict {
  const { consumer, elapsedMs, consumerMs, workMs, stages } = figures;
  if (elapsedMs === 0) {
    return { bottleneck: 'none', stage: undefined, waitedShare: 0, text: `${consumer} has read nothing yet.` };
  }
  const waitedShare = (elapsedMs - consumerMs) / elapsedMs;
  if (elapsedMs < SHORTEST_MS) {
    const text = `${consumer} has read for less than ${SHORTEST_MS} ms. This is too short to find the bottleneck.`;
    return { bottleneck: 'none', stage: undefined, waitedShare, text };
  }
  if (items === 1) {
    const text = `${consumer} has read only one item. This is too little to find the bottleneck.`;
    return { bottleneck: 'none', stage: undefined, waitedShare, text };
  }
  const waited = `${consumer} waited for input ${percent(waitedShare)} of the time`;
  if (waitedShare <= KEEPS_UP) {
    const text = `${waited}: ${consumer} is the bottleneck, and a faster pipeline would not help.`;
    return { bottleneck: 'consumer', stage: undefined, waitedShare, text };
  }
  const slowest = stages.reduce<StageReport | undefined>(
    (worst, stage) => (stage.heldUpMs > (worst?.heldUpMs ?? workMs) ? stage : worst),
    undefined,
  );
  if (!slowest) {
    const text = `${waited}, ${percent(workMs / elapsedMs)} for ${workOf(figures, advice)}.`;
    return { bottleneck: 'work', stage: undefined, waitedShare, text };
  }
  const text = `${waited}, ${percent(slowest.heldUpMs / elapsedMs)} for ${causeOf(slowest, figures, advice)}.`;
  return { bottleneck: slowest.isSource ? 'source' : 'stage', stage: slowest.name, waitedShare, text };
}

function workOf({ consumer, consumerMs }: Figures, { moveWork, reduceWork }: Advice): string {
  const whose = consumerMs > 0 ? "the pipeline's own work" : `the work of the pipeline and of ${consumer}, all`;
  return `${whose} on this thread: ${moveWork('the pipeline')}, ${reduceWork}`;
}

function causeOf(stage: StageReport, { consumer, elapsedMs, consumerMs }: Figures, advice: Advice): string {
  const { name, isSource, heldUpMs, idleMs, figures, remedy, threads } = stage;
  const hasPaused = consumerMs >= elapsedMs * IS_BUSY && figures.consumerMs >= consumerMs / 2;
  if (hasPaused) {
    return (
      `\`${name}\`, which paused while ${consumer} was busy: ` +
      (advice.readAhead ?? 'add a prefetch after this stage, or increase the size of the existing prefetch')
    );
  }
  if (isSource) {
    const areBusy = sumOf(threads.map(({ workMs }) => workMs)) > sumOf(threads.map(({ waitMs }) => waitMs));
    const help = threads.length > 0 ? advice.helpThreads?.(areBusy) : undefined;
    return `the source \`${name}\`: ${help ?? advice.helpSource}`;
  }
  if (idleMs < heldUpMs / 2) {
    return `the slowest stage, \`${name}\`, whose work keeps this thread busy: ${advice.moveWork('this stage')}`;
  }
  return `the slowest stage, \`${name}\`: ${remedy ?? 'make this stage faster'}`;
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
