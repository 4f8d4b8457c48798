import type { StageMeter } from './stageMeter.js';
import type { StageProbe } from './stageProbe.js';

/**
 * Adds whatever a stage that waits for input is waiting for in the end: a source, or a stage that is full of work which
 * goes on elsewhere. Several where it needs several at once, such as two channels that are zipped.
 */
export function addCulprits(waiting: StageProbe, culprits: StageMeter[]): void {
  let next: StageProbe | undefined;
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
