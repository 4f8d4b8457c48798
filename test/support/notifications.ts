import type { Observable } from 'rxjs';

/** Returns the synchronous notifications of a source: the items, then `'complete'` or the error. */
export function notifications(source: Observable<unknown>): unknown[] {
  const seen: unknown[] = [];
  source.subscribe({
    next: (item) => seen.push(item),
    error: (error: unknown) => seen.push(error),
    complete: () => seen.push('complete'),
  });
  return seen;
}
