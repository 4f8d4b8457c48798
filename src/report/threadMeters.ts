import type { ThreadUsage } from '../demand/observer.js';

/** The counts and times of a thread in a period. Times are in milliseconds. */
export interface ThreadSums {
  readonly items: number;
  readonly workMs: number;
  readonly waitMs: number;
  /** The sum over all calls of `look`: the number of held items, multiplied by the time since the previous call. */
  readonly heldMs: number;
}

export const ZERO_THREAD: ThreadSums = { items: 0, workMs: 0, waitMs: 0, heldMs: 0 };

type Usages = Iterable<ThreadUsage>;

/**
 * The sums of a stage's threads while the stage is subscribed. A thread has the name of the thread that it replaces.
 */
export class ThreadMeters {
  readonly #sums = new Map<string, ThreadSums>();
  readonly #last = new Map<object, ThreadUsage>();

  /** Starts the measurement. Earlier times do not count. */
  begin(usages: Usages): void {
    for (const usage of usages) if (!this.#last.has(usage.thread)) this.#last.set(usage.thread, usage);
  }

  look(usages: Usages): void {
    for (const usage of usages) {
      const { thread, name, items, workMs, waitMs, held } = usage;
      const last = this.#last.get(thread) ?? ZERO_THREAD;
      // A thread that has ended has no times, so a difference can be negative.
      const [work, wait] = [Math.max(0, workMs - last.workMs), Math.max(0, waitMs - last.waitMs)];
      const sums = this.#sums.get(name) ?? ZERO_THREAD;
      this.#last.set(thread, usage);
      this.#sums.set(name, {
        items: sums.items + items - last.items,
        workMs: sums.workMs + work,
        waitMs: sums.waitMs + wait,
        heldMs: sums.heldMs + held * (work + wait),
      });
    }
  }

  /** Call this after `look`, when a subscription has ended. Other subscriptions may still use some of the threads. */
  end(others: Usages): void {
    const used = new Set(Array.from(others, ({ thread }) => thread));
    for (const thread of this.#last.keys()) if (!used.has(thread)) this.#last.delete(thread);
  }

  sums(): ReadonlyMap<string, ThreadSums> {
    return new Map(this.#sums);
  }
}
