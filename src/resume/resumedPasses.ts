import type { Observable } from 'rxjs';

const resumed = new WeakSet<Observable<unknown>>();

/** Marks a resumed pipeline, because the rest of its epoch may be empty. */
export function markResumed(pipeline: Observable<unknown>): void {
  resumed.add(pipeline);
}

export function isResumed(pipeline: Observable<unknown>): boolean {
  return resumed.has(pipeline);
}
