import type { PipelineReport, StageReport, Verdict } from './reportTypes.js';

/** If the consumer waits for at most this share of the time, a faster pipeline does not help. */
const KEEPS_UP = 0.05;
/** If the consumer is busy for less than this share of the time, there is no time to read ahead. */
const IS_BUSY = 0.1;

/** Computes all shares from `elapsedMs`, so that they cannot contradict each other. */
export function verdictOf(figures: Omit<PipelineReport, 'verdict'>): Verdict {
  const { consumer, elapsedMs, consumerMs, workMs, stages } = figures;
  if (elapsedMs === 0) {
    return { bottleneck: 'none', stage: undefined, waitedShare: 0, text: `${consumer} has read nothing yet.` };
  }
  const waitedShare = (elapsedMs - consumerMs) / elapsedMs;
  const waited = `${consumer} waited for input ${percent(waitedShare)} of the time`;
  if (waitedShare <= KEEPS_UP) {
    const text = `${waited}: it is the bottleneck, and a faster pipeline would not help.`;
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
  return `${whose} on this thread: move it to a worker with inWorker, or reduce it, for example by parsing whole batches`;
}

function causeOf(stage: StageReport, { consumer, elapsedMs, consumerMs }: Omit<PipelineReport, 'verdict'>): string {
  const { name, isSource, heldUpMs, idleMs, figures, remedy } = stage;
  const hasPaused = consumerMs >= elapsedMs * IS_BUSY && figures.consumerMs >= consumerMs / 2;
  if (hasPaused) {
    return `\`${name}\`, which paused while ${consumer} was busy: put a prefetch after it, or increase the prefetch`;
  }
  if (isSource) return `the source \`${name}\`: make its input faster`;
  if (idleMs < heldUpMs / 2) {
    return `the slowest stage, \`${name}\`, whose work keeps this thread busy: move it to a worker with inWorker`;
  }
  return `the slowest stage, \`${name}\`: ${remedy ?? 'make its work faster'}`;
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
