import { describe, expect, it } from '@jest/globals';
import { declaredAdvice } from '../../src/cli/declaredAdvice.js';

describe('declaredAdvice', () => {
  it('moves work to a worker by the property of the declaration', () => {
    for (const worker of [undefined, false]) {
      const { moveWork, reduceWork } = declaredAdvice(worker);
      expect(moveWork('this stage')).toBe('move the pipeline to a worker with "worker": true');
      expect(reduceWork).toBe('or reduce its work (node --cpu-prof shows the functions)');
    }
  });

  it('moves a pipeline with a store in code, because its declaration cannot have a worker', () => {
    expect(declaredAdvice(undefined, true).moveWork('this stage')).toBe(
      'move this stage to a worker with inWorker, in code',
    );
  });

  it('does not advise what the declaration already has', () => {
    for (const worker of [true, { items: 8 }]) {
      const { moveWork, helpSource } = declaredAdvice(worker);
      expect(moveWork('this stage')).toBe('send larger items from the worker, with the stage "batch"');
      expect(helpSource).toBe('run the pipeline without "worker" to find its slowest stage');
    }
  });
});
