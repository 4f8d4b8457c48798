import { setMaxListeners } from 'node:events';
import type { Observable } from 'rxjs';
import { boundary, type BoundaryOptions } from '../../src/demand/boundary.js';
import { withoutGate } from '../../src/demand/context.js';
import { refuseResuming } from '../../src/resume/pass.js';
import { Queue } from '../../src/base/queue.js';

/**
 * Makes one result of one item.
 *
 * @param index - counts the items of this subscription from 0.
 * @param signal - aborted when the result is no longer wanted.
 */
export type AsyncProject<T, R> = (item: T, index: number, signal: AbortSignal) => PromiseLike<R> | R;

/** How {@link inParallel} goes about it. */
export interface InParallelOptions extends Pick<BoundaryOptions, 'name' | 'overrun'> {
  /** How many items may be in work or done and not yet wanted. */
  readonly concurrency: number;
  /** Whether results keep the order of the items. */
  readonly ordered: boolean;
}

/** A place in the output: its result, or why there is none; nothing while it is in work. */
interface Slot<R> {
  result?: { readonly value: R } | { readonly error: unknown };
}

/** Maps items through an asynchronous function, several at a time: what `mapAsync` and `decodeImage` are made of. */
export function inParallel<T, R>(
  source: Observable<T>,
  { name, overrun, concurrency, ordered }: InParallelOptions,
  project: AsyncProject<T, R>,
): Observable<R> {
  const remedy = `raise its concurrency, which is ${concurrency}`;
  return boundary<T, R>(source, { name, overrun, capacity: concurrency, remedy }, ({ destination, drain }) => {
    if (!ordered) refuseResuming(destination, name, 'Its order depends on timing: leave ordered: false out.');
    const abort = new AbortController();
    // Whatever is in work may listen to it, and Node would warn of more than ten listeners as of a leak.
    setMaxListeners(Infinity, abort.signal);
    const waiting = new Queue<T>();
    // In the order of the items, or of their results.
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
