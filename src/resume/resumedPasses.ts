import type { Observable } from 'rxjs';

const resumed = new WeakSet<Observable<unknown>>();

/** Marks a pipeline that resumes an epoch. The rest of that epoch may be empty. */
export function markResumed(pipeline: Observable<unknown>): void {
  resumed.add(pipeline);
}

/** Returns whether the first pass may be empty: `resumable` is the last operator and has a cursor. */
export function isResumed(pipeline: Observable<unknown>): boolean {
  return resumed.has(pipeline);
}
