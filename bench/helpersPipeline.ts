import process from 'node:process';
import { fromIterable } from 'millrace';
import type { SplitPlace } from 'millrace/nats';
import type { Observable } from 'rxjs';

export interface HelpersData {
  /** The number of items of a split. */
  readonly items: number;
  /** The number of float32 values of an item. */
  readonly size: number;
  /** Rounds of arithmetic over the values of each item. */
  readonly rounds: number;
}

export interface HelpersItem {
  /** The helper's process. */
  readonly pid: number;
  readonly values: Float32Array;
}

/** The items of a split, which helpers of `helpersCost.ts` compute. */
export function pipeline({ items, size, rounds }: HelpersData, { index }: SplitPlace): Observable<HelpersItem> {
  return fromIterable(itemsOf());

  function* itemsOf(): Generator<HelpersItem> {
    for (let item = 0; item < items; item++) {
      const values = new Float32Array(size).fill(index + item);
      for (let round = 0; round < rounds; round++) {
        for (let i = 0; i < size; i++) values[i] = Math.sin((values[i] ?? 0) + round);
      }
      yield { pid: process.pid, values };
    }
  }
}
