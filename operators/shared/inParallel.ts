import { setMaxListeners } from 'node:events';
import { availableParallelism } from 'node:os';
import type { Observable } from 'rxjs';
import { concurrencyOf } from '../../src/base/autoConcurrency.js';
import { boundary, type BoundaryOptions } from '../../src/demand/boundary.js';
import { withoutGate } from '../../src/demand/context.js';
import { refuseResuming } from '../../src/resume/pass.js';
import { Queue } from '../../src/base/queue.js';
import { parallelRemedy } from './parallelRemedy.js';

/**
 * Maps an item asynchronously.
 *
 * @param index - the index of the item in the subscription, from 0.
 * @param signal - is aborted when the result is no longer needed.
 */
export type AsyncProject<T, R> = (item: T, index: number, signal: AbortSignal) => PromiseLike<R> | R;

export interface InParallelOptions extends Pick<BoundaryOptions, 'name' | 'overrun' | 'threads'> {
  readonly concurrency: number | 'auto';
  readonly ordered: boolean;
  /** The range of `auto`. */
  readonly automatic?: {
    /** The number of simultaneous calls at the start. Default: the number of CPUs. */
    readonly start: number;
    /** The maximum number of simultaneous calls. Default: 64. */
    readonly max: number;
  };
  /** For the report: the number of worker threads, if worker threads run the calls. */
  readonly workers?: number;
}

const AUTOMATIC = { start: Math.min(availableParallelism(), 64), max: 64 };

interface Slot<R> {
  result?: { readonly value: R } | { readonly error: unknown };
}

export function inParallel<T, R>(
  source: Observable<T>,
  { name, overrun, threads, concurrency, ordered, automatic = AUTOMATIC, workers }: InParallelOptions,
  project: AsyncProject<T, R>,
): Observable<R> {
  // Shared by all epochs.
  const calls = concurrencyOf(concurrency, automatic);
  const facts = { concurrency, max: automatic.max, workers };
  const options = { name, overrun, threads, capacity: () => calls.limit, remedy: () => parallelRemedy(facts, calls) };
  return boundary<T, R>(source, options, ({ destination, drain }) => {
    if (!ordered)
      refuseResuming(destination, name, 'The order of the results depends on timing. Remove { ordered: false }.');
    const abort = controllerForManyListeners();
    const waiting = new Queue<T>();
    // In the order of the items if `ordered`. If not, in the order of the results.
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
      while (held < calls.limit && waiting.length > 0) void start(waiting.shift() as T);
    };

    return {
      receive: (item) => {
        waiting.push(item);
        startWaiting();
      },
      hasRoom: () => waiting.length + held < calls.limit,
      emit: () => {
        const result = slots.peek()?.result;
        calls.setWaiting(!result && held >= calls.limit);
        if (!result) return false;
        calls.countResult();
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
        calls.setWaiting(false);
        waiting.clear();
        slots.clear();
      },
    };
  });
}

/** Each call may add a listener, and Node.js warns about more than ten listeners. */
function controllerForManyListeners(): AbortController {
  const controller = new AbortController();
  setMaxListeners(Infinity, controller.signal);
  return controller;
}
