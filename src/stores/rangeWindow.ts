import { Queue } from '../base/queue.js';
import type { Outlet, Puller } from '../demand/pullSource.js';
import type { Store, StoredObject } from './store.js';

/** An object, with the store that reads it. */
export interface StoredIn {
  readonly store: Store;
  readonly object: StoredObject;
}

export interface WindowOptions {
  readonly rangeBytes: number;
  /** The largest number of ranges that are requested or ready. */
  readonly concurrency: number;
}

/** Begins to read the ranges of an object. Called at each subscription. */
export type OpenRanges = (outlet: Outlet<Uint8Array>) => Puller;

interface Position {
  readonly index: number;
  readonly offset: number;
}

interface RequestedRange extends Position {
  readonly bytes: Promise<Uint8Array>;
  readonly controller: AbortController;
}

/**
 * Reads several ranges at a time, and delivers them in order. After the ranges of one object, it requests those of the
 * next objects, so that small objects do not wait for each other. Requests a range only during a pull.
 */
export class RangeWindow {
  readonly #objects: readonly (StoredIn | undefined)[];
  readonly #options: WindowOptions;
  readonly #ranges = new Queue<RequestedRange>();
  /** Where the next request begins. */
  #next: Position = { index: 0, offset: 0 };

  /** @param objects - in the order of reading. Nothing is requested ahead beyond one that is `undefined` or has no ranges. */
  constructor(objects: readonly (StoredIn | undefined)[], options: WindowOptions) {
    this.#objects = objects;
    this.#options = options;
  }

  /** Reads one object from a byte to its end. One object at a time. It may be read again. */
  open(index: number, outlet: Outlet<Uint8Array>, start = 0): Puller {
    const position = { index, offset: start };
    if (this.#isAtEnd(position)) return { pull: outlet.complete, close: () => undefined };
    this.#moveTo(position);
    let pulled: RequestedRange | undefined;
    return {
      pull: () => {
        this.#request();
        pulled = this.#ranges.peek()?.index === index ? this.#ranges.shift() : undefined;
        if (pulled) pulled.bytes.then(outlet.deliver, outlet.fail);
        else outlet.complete();
      },
      close: () => {
        pulled?.controller.abort();
        while (this.#ranges.peek()?.index === index) this.#ranges.shift()?.controller.abort();
      },
    };
  }

  /** Ends the requests of the objects that were not opened yet. */
  close(): void {
    for (let range = this.#ranges.shift(); range; range = this.#ranges.shift()) range.controller.abort();
  }

  #moveTo(target: Position): void {
    const { index, offset } = this.#ranges.peek() ?? this.#skipEnds();
    if (index === target.index && offset === target.offset) return;
    this.close();
    this.#next = target;
  }

  #request(): void {
    const { concurrency, rangeBytes } = this.#options;
    while (this.#ranges.length < concurrency) {
      const { index, offset } = this.#skipEnds();
      const stored = this.#objects[index];
      if (!stored || !hasRanges(stored.object)) return;
      const end = Math.min(offset + rangeBytes, stored.object.byteLength);
      const controller = new AbortController();
      const bytes = stored.store.read(stored.object, offset, end, { signal: controller.signal });
      // Its error is notified in its turn.
      bytes.catch(() => undefined);
      this.#ranges.push({ index, offset, bytes, controller });
      this.#next = { index, offset: end };
    }
  }

  /** Moves to the next object that has bytes left. */
  #skipEnds(): Position {
    while (this.#isAtEnd(this.#next)) this.#next = { index: this.#next.index + 1, offset: 0 };
    return this.#next;
  }

  #isAtEnd({ index, offset }: Position): boolean {
    const object = this.#objects[index]?.object;
    return object !== undefined && hasRanges(object) && offset === object.byteLength;
  }
}

/** Opens a window on one object. */
export function openRanges(stored: StoredIn, options: WindowOptions, start?: number): OpenRanges {
  return (outlet) => new RangeWindow([stored], options).open(0, outlet, start);
}

/** Whether an object can be read in ranges. Their number is not known without its size. */
export function hasRanges(object: StoredObject): object is StoredObject & { readonly byteLength: number } {
  return object.hasRanges && object.byteLength !== undefined;
}
