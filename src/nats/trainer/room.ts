import type { OpenSplit } from './openSplit.js';

export interface RoomOptions {
  readonly items: number;
  readonly bytes: number;
  readonly concurrency: number;
  /** The split whose items the consumer needs next. */
  readonly first: () => OpenSplit | undefined;
}

interface Waiting {
  readonly split: OpenSplit;
  readonly bytes: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Limits the items and bytes that a trainer holds or has requested. Splits wait until there is room. */
export class Room {
  readonly #options: RoomOptions;
  /**
   * The maximum number of items of a split that the consumer does not yet read. These splits fill at most half of the
   * room.
   */
  readonly #share: number;
  #items = 0;
  #bytes = 0;
  #waiting: Waiting[] = [];

  constructor(options: RoomOptions) {
    this.#options = options;
    this.#share = Math.max(1, Math.floor(options.items / (2 * options.concurrency)));
  }

  /** Resolves when there is room for another item of this split, and reserves the room. Rejects after `close`. */
  reserve(split: OpenSplit, bytes: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ split, bytes, resolve, reject });
      this.grant();
    });
  }

  /**
   * If the consumer reads this split, reserves room for up to `limit` further items of this size. Returns their number.
   */
  reserveMore(split: OpenSplit, bytes: number, limit: number): number {
    if (split !== this.#options.first()) return 0;
    let count = 0;
    for (; count < limit && this.#fits(bytes); count++) this.add(1, bytes);
    return count;
  }

  /** Adds to the counted items and bytes. Negative numbers release room. */
  add(items: number, bytes: number): void {
    this.#items += items;
    this.#bytes += bytes;
    if (items <= 0) this.grant();
  }

  /** Serves the earliest splits first. The item that the consumer needs next is always allowed. */
  grant(): void {
    if (this.#waiting.length === 0) return;
    const first = this.#options.first();
    const waiting = this.#waiting.sort((a, b) => a.split.index - b.split.index);
    this.#waiting = [];
    for (const each of waiting) {
      const { split, bytes, resolve } = each;
      const isNext = split === first && split.arrived.length === 0;
      const mayHold = split === first || split.arrived.length < this.#share;
      if (isNext || (mayHold && this.#fits(bytes))) {
        this.add(1, bytes);
        resolve();
      } else this.#waiting.push(each);
    }
  }

  close(): void {
    for (const { reject } of this.#waiting.splice(0)) reject(new Error('closed'));
  }

  #fits(bytes: number): boolean {
    const { items, bytes: maxBytes } = this.#options;
    return this.#items < items && (this.#bytes + bytes <= maxBytes || this.#items === 0);
  }
}
