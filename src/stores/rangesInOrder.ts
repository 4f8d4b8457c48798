import { setMaxListeners } from 'node:events';
import { Queue } from '../base/queue.js';
import type { Outlet, Puller } from '../demand/pullSource.js';
import type { Store, StoredObject } from './store.js';

export interface RangesPlan {
  readonly store: Store;
  readonly object: StoredObject;
  readonly start: number;
  readonly end: number;
  readonly rangeBytes: number;
  /** The maximum number of ranges that are requested or ready. */
  readonly concurrency: number;
}

/** Reads several ranges at the same time, and delivers them in order. Requests a range only during a pull. */
export function rangesInOrder(plan: RangesPlan, outlet: Outlet<Uint8Array>): Puller {
  const { store, object, end, rangeBytes, concurrency } = plan;
  const controller = new AbortController();
  const { signal } = controller;
  // Each range has a listener, and Node.js warns about more than ten.
  setMaxListeners(0, signal);
  const ranges = new Queue<Promise<Uint8Array>>();
  let next = plan.start;

  const request = (): void => {
    const range = store.read(object, next, Math.min(next + rangeBytes, end), { signal });
    // The error is emitted in the turn of this range.
    range.catch(() => undefined);
    ranges.push(range);
    next += rangeBytes;
  };

  return {
    pull: () => {
      while (next < end && ranges.length < concurrency) request();
      const range = ranges.shift();
      if (range) range.then(outlet.deliver, outlet.fail);
      else outlet.complete();
    },
    close: () => controller.abort(),
  };
}
