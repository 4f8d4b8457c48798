import { jest } from '@jest/globals';
import { nextTurn } from './fifoWriter.js';

/** Returns the uncaught errors during `work` and the next turn. */
export async function collectUncaught(work: () => void): Promise<unknown[]> {
  const thrown: unknown[] = [];
  const schedule = jest.spyOn(globalThis, 'setImmediate').mockImplementation((callback: () => void) => {
    try {
      callback();
    } catch (error) {
      thrown.push(error);
    }
    return { unref: () => undefined } as unknown as NodeJS.Immediate;
  });
  work();
  schedule.mockRestore();
  await nextTurn();
  return thrown;
}
