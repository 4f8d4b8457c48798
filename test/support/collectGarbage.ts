import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');

/** Collects the garbage of the whole heap. */
export const collectGarbage = runInNewContext('gc') as () => void;

/** Collects what earlier test files of the process left, so that no later warning is about it. */
export async function collectLeftovers(): Promise<void> {
  for (let round = 0; round < 3; round++) {
    collectGarbage();
    await new Promise((resolve) => setImmediate(resolve));
  }
}
