import type { Observable } from 'rxjs';

const resumed = new WeakSet<Observable<unknown>>();

/** Notes that the first pass of a pipeline goes on within an epoch, of which nothing may be left. */
export function markResumed(pipeline: Observable<unknown>): void {
  resumed.add(pipeline);
}

/** Whether the first pass of a pipeline may rightly be empty: `resumable` is its last operator, and has a cursor. */
export function isResumed(pipeline: Observable<unknown>): boolean {
  return resumed.has(pipeline);
}
