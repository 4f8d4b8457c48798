import type { Observable } from 'rxjs';

const resumed = new WeakSet<Observable<unknown>>();

/**
 * Marks a pipeline that resumes inside an epoch. The earlier run may have delivered all items of this epoch, so the
 * first pass may be empty.
 */
export function markResumed(pipeline: Observable<unknown>): void {
  resumed.add(pipeline);
}

export function isResumed(pipeline: Observable<unknown>): boolean {
  return resumed.has(pipeline);
}
