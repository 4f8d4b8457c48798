import { map, type Observable } from 'rxjs';
import { snapshot } from '../../../operators/snapshot.js';
import { fromIterable } from '../../../src/sources/fromIterable.js';

export interface RunItem {
  readonly index: number;
  readonly data: Uint8Array;
}

/** Equal items in each process. */
export function runItems(): RunItem[] {
  return Array.from({ length: 600 }, (_, index) => ({
    index,
    data: new Uint8Array(100 + ((index * 7919) % 40_000)).fill(index),
  }));
}

/** @param onSource - called for each item of the source, so not for items of the snapshot. */
export function runPipeline(folder: string, onSource: () => void): Observable<RunItem> {
  const counted = map((item: RunItem) => {
    onSource();
    return item;
  });
  return fromIterable(runItems()).pipe(counted, snapshot(folder, { key: 'v1' }));
}
