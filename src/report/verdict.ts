import type { PipelineReport, StageReport, Verdict } from './reportTypes.js';

/** A consumer that waits no more than this gains nothing from a faster pipeline. */
const KEEPS_UP = 0.05;
/** A consumer that is busy less than this leaves no time to read ahead in. */
const IS_BUSY = 0.1;

/** The verdict on the figures of a report: each share in it is one of `elapsedMs`, so that they cannot contradict. */
export function verdictOf(figures: Omit<PipelineReport, 'verdict'>): Verdict {
  const { consumer, elapsedMs, consumerMs, workMs, stages } = figures;
  if (elapsedMs === 0) {
    return { bottleneck: 'none', stage: undefined, waitedShare: 0, text: `${consumer} has read nothing yet.` };
  }
  const waitedShare = (elapsedMs - consumerMs) / elapsedMs;
  const waited = `${consumer} waited for input ${percent(waitedShare)} of the time`;
  if (waitedShare <= KEEPS_UP) {
    const text = `${waited}: it is the bottleneck itself, and a faster pipeline would not help.`;
    return { bottleneck: 'consumer', stage: undefined, waitedShare, text };
  }
  const slowest = stages.reduce<StageReport | undefined>(
    (worst, stage) => (stage.heldUpMs > (worst?.heldUpMs ?? workMs) ? stage : worst),
    undefined,
  );
  if (!slowest) {
    const text = `${waited}, ${percent(workMs / elapsedMs)} for ${workOf(figures)}.`;
    return { bottleneck: 'work', stage: undefined, waitedShare, text };
  }
  const text = `${waited}, ${percent(slowest.heldUpMs / elapsedMs)} for ${causeOf(slowest, figures)}.`;
  return { bottleneck: slowest.isSource ? 'source' : 'stage', stage: slowest.name, waitedShare, text };
}

function workOf({ consumer, consumerMs }: Omit<PipelineReport, 'verdict'>): string {
  const whose = consumerMs > 0 ? "the pipeline's own work" : `the work of the pipeline and of ${consumer}, all`;
  return `${whose} on this thread: move it to a worker with inWorker, or do less of it, such as parsing whole batches`;
}

function causeOf(stage: StageReport, { consumer, elapsedMs, consumerMs }: Omit<PipelineReport, 'verdict'>): string {
  const { name, isSource, heldUpMs, idleMs, figures, remedy } = stage;
  const stoodStill = consumerMs >= elapsedMs * IS_BUSY && figures.consumerMs >= consumerMs / 2;
  if (stoodStill) {
    return `\`${name}\`, which stood still while ${consumer} was busy: put a prefetch after it, or a larger one`;
  }
  if (isSource) return `the source \`${name}\`: whatever feeds that has to be faster`;
  if (idleMs < heldUpMs / 2) {
    return `the slowest stage, \`${name}\`, whose work keeps this thread busy: move it to a worker with inWorker`;
  }
  return `the slowest stage, \`${name}\`: ${remedy ?? 'make its work faster'}`;
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
