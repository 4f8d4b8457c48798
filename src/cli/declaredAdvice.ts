import type { PipelineSpec } from '../pipeline/declared/pipelineSpec.js';
import type { Advice } from '../report/verdict.js';

const REDUCE_WORK = 'or reduce its work (node --cpu-prof shows the functions)';

/**
 * Returns the advice for a slow declared pipeline. The advice names keys and stages of the declaration.
 *
 * @param hasStore - true if the pipeline has a store, and so cannot have `worker`.
 */
export function declaredAdvice(worker: PipelineSpec['worker'] = false, hasStore = false): Advice {
  if (worker === false) {
    return {
      moveWork: (what) =>
        hasStore
          ? `move ${what} to a worker with inWorker, in code`
          : 'move the pipeline to a worker with "worker": true',
      reduceWork: REDUCE_WORK,
      helpSource: 'make the input of this source faster',
    };
  }
  return {
    moveWork: () => 'send larger items from the worker, with the stage "batch"',
    reduceWork: REDUCE_WORK,
    helpSource: 'run the pipeline without "worker" to find its slowest stage',
  };
}
