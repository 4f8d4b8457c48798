import type { Observable } from 'rxjs';

const resumed = new WeakSet<Observable<unknown>>();

/**
 * Marks a pipeline that resumes inside an epoch. This epoch may have no item, because the earlier run may have
 * delivered all its items.
 */
export function markResumed(pipeline: Observable<unknown>): void {
  resumed.add(pipeline);
}

export function isResumed(pipeline: Observable<unknown>): boolean {
  return resumed.has(pipeline);
}
