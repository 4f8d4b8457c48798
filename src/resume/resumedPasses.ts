import type { Observable } from 'rxjs';

const resumed = new WeakSet<Observable<unknown>>();

/** Marks a pipeline whose first pass resumes an epoch. That epoch may have no items left. */
export function markResumed(pipeline: Observable<unknown>): void {
  resumed.add(pipeline);
}

/** Whether the first pass of a pipeline may be empty: `resumable` is its last operator, and has a cursor. */
export function isResumed(pipeline: Observable<unknown>): boolean {
  return resumed.has(pipeline);
}
