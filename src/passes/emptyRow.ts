import type { Subscriber } from 'rxjs';
import { onNextItem } from './chain.js';

/** Empty passes of any sources, one immediately after the other, with no item at the subscribers that they share. */
export class EmptyRow {
  /** Whether a pass of this row has completed, and no pause has followed. */
  isFresh = false;
  #running: readonly Subscriber<unknown>[] = [];

  /** Takes a new pass into this row, if the pass did not start after a pause. Returns whether it did. */
  join(pass: Subscriber<unknown>): boolean {
    const running = this.#running.filter(({ closed }) => !closed);
    if (!this.isFresh && running.length === 0) return false;
    this.#running = [...running, pass];
    return true;
  }
}

/** The row of the latest empty pass above a subscriber, and whether an item has come to the subscriber since. */
export interface RowWatch {
  row: EmptyRow;
  hasItem: boolean;
}

const watches = new WeakMap<Subscriber<unknown>, RowWatch>();

/** Returns the watch at the first subscriber that a chain shares with an earlier empty pass. */
export function watchIn(chain: readonly Subscriber<unknown>[]): RowWatch | undefined {
  const repeater = chain.find((subscriber) => watches.has(subscriber));
  return repeater && watches.get(repeater);
}

/** Watches the subscribers below an empty pass. */
export function watchAll(chain: readonly Subscriber<unknown>[], row: EmptyRow): void {
  for (const subscriber of chain) {
    const current = watches.get(subscriber);
    if (current && !current.hasItem) current.row = row;
    else {
      const watch: RowWatch = { row, hasItem: false };
      watches.set(subscriber, watch);
      onNextItem(subscriber, () => (watch.hasItem = true));
    }
  }
}
