import type { Observable } from 'rxjs';
import { Queue } from '../../src/base/queue.js';
import { boundary } from '../../src/demand/boundary.js';
import type { Announcement } from '../../src/resume/cursor.js';
import { tellStage } from '../../src/resume/pass.js';

interface WindowShape {
  readonly length: number;
  /** Returns the distance of item k of a window from the start of the window. */
  readonly positionOf: (k: number) => number;
  /** The maximum of `positionOf`, plus one. */
  readonly span: number;
  readonly shift: number;
}

export interface SlidingWindowsOptions<T, I, R> {
  readonly name: string;
  readonly facts: Announcement;
  readonly shape: WindowShape;
  readonly dropRemainder: boolean;
  readonly prepare: (item: T) => I;
  readonly make: (items: I[]) => R;
}

export function slidingWindows<T, I, R>(
  source: Observable<T>,
  { name, facts, shape, dropRemainder, prepare, make }: SlidingWindowsOptions<T, I, R>,
): Observable<R> {
  return boundary<T, R>(source, { name, onDemand: true }, ({ destination }) => {
    tellStage(destination, name, facts);
    const ring = new Ring<I>(shape);
    const full = new Queue<I[]>();
    let emitsRemainder = false;
    return {
      receive: (item) => {
        ring.push(prepare(item));
        if (ring.isFull) full.push(ring.take());
      },
      hasRoom: () => full.length === 0,
      emit: () => {
        const items = full.shift() ?? (emitsRemainder && ring.hasItems ? ring.take() : undefined);
        if (!items) return false;
        destination.next(make(items));
        return true;
      },
      isEmpty: () => full.length === 0 && !(emitsRemainder && ring.hasItems),
      sourceEnded: (how) => {
        emitsRemainder = how === 'completed' && !dropRemainder;
      },
      clear: () => {
        ring.clear();
        full.clear();
      },
    };
  });
}

/** The last `span` items. Items between two windows are not stored. */
class Ring<I> {
  readonly #shape: WindowShape;
  #items: I[] = [];
  #count = 0;
  #start = 0;

  constructor(shape: WindowShape) {
    this.#shape = shape;
  }

  get isFull(): boolean {
    return this.#count >= this.#start + this.#shape.span;
  }

  get hasItems(): boolean {
    return this.#count > this.#start;
  }

  push(item: I): void {
    const index = this.#count++;
    if (index >= this.#start) this.#items[index % this.#shape.span] = item;
  }

  /** Returns the items of the window, and moves to the next window. */
  take(): I[] {
    const { length, positionOf, span, shift } = this.#shape;
    const items: I[] = [];
    for (let k = 0; k < length; k++) {
      const index = this.#start + positionOf(k);
      if (index >= this.#count) break;
      items.push(this.#items[index % span] as I);
    }
    this.#start += shift;
    return items;
  }

  clear(): void {
    this.#items = [];
    this.#start = this.#count;
  }
}
