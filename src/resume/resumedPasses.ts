import type { Observable } from 'rxjs';

const resumed = new WeakSet<Observable<unknown>>();

/** The first epoch of a resumed pipeline may be empty, because all items may have been delivered before. */
export function markResumed(pipeline: Observable<unknown>): void {
  resumed.add(pipeline);
}

export function isResumed(pipeline: Observable<unknown>): boolean {
  return resumed.has(pipeline);
}
