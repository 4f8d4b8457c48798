import type { Subscriber } from 'rxjs';
import { onNextItem } from './chain.js';

/**
 * A series of consecutive empty passes, possibly of several sources. During these passes, the subscribers that these
 * sources share receive no item.
 */
export class EmptyRow {
  /** True if a pass of this series has completed and no pause has followed. */
  isFresh = false;
  #running: readonly Subscriber<unknown>[] = [];

  /**
   * Adds a new pass, and returns true. Returns false if the series has ended: no pass of the series is running, and a
   * pause has followed.
   */
  join(pass: Subscriber<unknown>): boolean {
    const running = this.#running.filter(({ closed }) => !closed);
    if (!this.isFresh && running.length === 0) return false;
    this.#running = [...running, pass];
    return true;
  }
}

/**
 * State of one subscriber. `row` is the latest series of empty passes of the subscriber's sources. `hasItem` is true if
 * the subscriber has received an item since the last pass of this series.
 */
export interface RowWatch {
  row: EmptyRow;
  hasItem: boolean;
}

const watches = new WeakMap<Subscriber<unknown>, RowWatch>();

export function watchIn(chain: readonly Subscriber<unknown>[]): RowWatch | undefined {
  const repeater = chain.find((subscriber) => watches.has(subscriber));
  return repeater && watches.get(repeater);
}

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
