import { defer, finalize, tap, type Observable } from 'rxjs';
import { fromIterable, ndarray } from 'millrace';
import type { NDArray } from '../../src/arrays/ndarray.js';

export interface LinearBatch {
  readonly xs: NDArray<'float32'>;
  readonly ys: NDArray<'float32'>;
}

/** Returns a batch of `records` points on the line y = 2x + 1. */
export function linearBatch(records: number): LinearBatch {
  const xs = Float32Array.from({ length: records }, (_, i) => i / records);
  return {
    xs: ndarray('float32', [records, 1], xs),
    ys: ndarray(
      'float32',
      [records, 1],
      xs.map((x) => 2 * x + 1),
    ),
  };
}

/** Returns `count` batches of four points. The last batch has three. */
export function linearBatches(count: number): LinearBatch[] {
  return Array.from({ length: count }, (_, i) => linearBatch(i === count - 1 ? 3 : 4));
}

/** Counts its subscriptions, endings and items. */
export class CountedSource<T> {
  opened = 0;
  closed = 0;
  items = 0;
  readonly source$: Observable<T>;

  /** @param items - the items of one subscription. */
  constructor(items: () => Iterable<T>) {
    this.source$ = defer(() => {
      this.opened += 1;
      return fromIterable(items()).pipe(
        tap({ next: () => (this.items += 1) }),
        finalize(() => (this.closed += 1)),
      );
    });
  }
}

/** Returns a counted source of {@link linearBatches}. */
export function lineSource(batches: number): CountedSource<LinearBatch> {
  return new CountedSource(() => linearBatches(batches));
}

/** Returns a source that fails after some batches of four points. */
export function failingSource(error: unknown, batches: number): CountedSource<LinearBatch> {
  return new CountedSource(function* () {
    for (let i = 0; i < batches; i += 1) yield linearBatch(4);
    throw error;
  });
}
