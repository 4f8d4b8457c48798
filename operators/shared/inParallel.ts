import { setMaxListeners } from 'node:events';
import type { Observable } from 'rxjs';
import { boundary, type BoundaryOptions } from '../../src/demand/boundary.js';
import { withoutGate } from '../../src/demand/context.js';
import { refuseResuming } from '../../src/resume/pass.js';
import { Queue } from '../../src/base/queue.js';

/**
 * Maps an item asynchronously.
 *
 * @param index - the index of the item in the subscription, from 0.
 * @param signal - aborted when the result is no longer needed.
 */
export type AsyncProject<T, R> = (item: T, index: number, signal: AbortSignal) => PromiseLike<R> | R;

export interface InParallelOptions extends Pick<BoundaryOptions, 'name' | 'overrun'> {
  readonly concurrency: number;
  readonly ordered: boolean;
}

interface Slot<R> {
  result?: { readonly value: R } | { readonly error: unknown };
}

export function inParallel<T, R>(
  source: Observable<T>,
  { name, overrun, concurrency, ordered }: InParallelOptions,
  project: AsyncProject<T, R>,
): Observable<R> {
  const remedy = `increase its concurrency (now ${concurrency})`;
  return boundary<T, R>(source, { name, overrun, capacity: concurrency, remedy }, ({ destination, drain }) => {
    if (!ordered)
      refuseResuming(destination, name, 'The order of the results depends on timing. Remove { ordered: false }.');
    const abort = new AbortController();
    // Each call may add a listener. Node.js warns if a signal has more than ten listeners.
    setMaxListeners(Infinity, abort.signal);
    const waiting = new Queue<T>();
    // The slots are in the order of the items if `ordered`, otherwise in the order of the results.
    const slots = new Queue<Slot<R>>();
    let held = 0;
    let index = 0;

    const start = async (item: T): Promise<void> => {
      const slot: Slot<R> = {};
      held++;
      if (ordered) slots.push(slot);
      try {
        slot.result = { value: await withoutGate(() => project(item, index++, abort.signal)) };
      } catch (error) {
        slot.result = { error };
      }
      if (!ordered) slots.push(slot);
      drain();
    };

    const startWaiting = (): void => {
      while (held < concurrency && waiting.length > 0) void start(waiting.shift() as T);
    };

    return {
      receive: (item) => {
        waiting.push(item);
        startWaiting();
      },
      hasRoom: () => waiting.length + held < concurrency,
      emit: () => {
        const result = slots.peek()?.result;
        if (!result) return false;
        slots.shift();
        held--;
        if ('error' in result) throw result.error;
        destination.next(result.value);
        startWaiting();
        return true;
      },
      isEmpty: () => waiting.length + held === 0,
      held: () => waiting.length + held,
      clear: () => {
        abort.abort();
        waiting.clear();
        slots.clear();
      },
    };
  });
}
