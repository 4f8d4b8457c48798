import type { Observable } from 'rxjs';
import { toAsyncIterable } from '../../src/consumers/toAsyncIterable.js';
import { fromFifo } from '../../src/sources/fromFifo.js';
import { feedFifo, makeFifo, nextTurn } from './fifoWriter.js';

/**
 * Pulls some items from a pipeline of a FIFO, with many turns of the event loop after each, then unsubscribes. Calls
 * `afterEach` when no more bytes arrive without demand.
 */
export async function pullSlowly<T>(
  { path, bytes, steps }: { readonly path: string; readonly bytes: Uint8Array; readonly steps: number },
  build: (bytes$: Observable<Uint8Array>) => Observable<T>,
  afterEach: (item: T) => void,
): Promise<void> {
  const feeding = feedFifo(makeFifo(path), bytes);
  let step = 0;
  for await (const item of toAsyncIterable(build(fromFifo(path)))) {
    for (let turn = 0; turn < 30; turn++) await nextTurn();
    afterEach(item);
    if (++step === steps) break;
  }
  await feeding;
}
