import { setTimeout as sleep } from 'node:timers/promises';
import { decodeAlignedItem } from '../../base/alignedItem.js';
import { Queue } from '../../base/queue.js';
import { ANSWER_BYTES, MAX_MORE_ITEMS, type NextItem, type Piece, type TrainerAnswer } from '../protocol.js';
import { ArrivingItems, type ArrivingItemsOptions } from './arrivingItems.js';

/**
 * Asks a helper for the bytes of an item from an offset, and for further items. Calls `receive` with each piece until
 * `receive` returns true. Resolves to false if the helper does not answer.
 */
export type Ask = (holder: string, request: NextItem, receive: (piece: Piece) => boolean) => Promise<boolean>;

export interface OpenSplitOptions {
  readonly index: number;
  readonly ask: Ask;
  /** Ends a helper's work on the split. `isDone` is false if another helper must complete it. */
  readonly dismiss: (holder: string, isDone: boolean) => void;
  /** Resolves when there is room for an item of this size, and reserves the room. Rejects if the trainer has ended. */
  readonly reserve: (split: OpenSplit, bytes: number) => Promise<void>;
  /** Reserves room that exists now for up to `limit` further items of this size. Returns their number. */
  readonly reserveMore: (split: OpenSplit, bytes: number, limit: number) => number;
  /** Adds to the reserved numbers of items and bytes. Negative numbers release room. */
  readonly adjust: (items: number, bytes: number) => void;
  readonly onChange: () => void;
  /** Called if an answer is not an item. */
  readonly onInvalid: (host: string, cause?: unknown) => void;
}

interface Holder {
  readonly id: string;
  readonly host: string;
  heardAt: number;
}

interface Fetch {
  readonly arriving: ArrivingItems;
  readonly options: ArrivingItemsOptions;
  readonly isHolder: () => boolean;
  /** Waits until there is room for the first item with its actual size. */
  readonly resize: (bytes: number) => Promise<void>;
}

const RETRY_MS = 100;

/** A split that is queued or in work: its helper, and its items that have arrived. */
export class OpenSplit {
  readonly index: number;
  readonly arrived = new Queue<{ readonly item: unknown; readonly bytes: number }>();
  readonly #options: OpenSplitOptions;
  #holder: Holder | undefined;
  #yieldedBy: string | undefined;
  #freeSince = performance.now();
  #next = 0;
  #lastBytes = 0;
  /** The number of helpers that failed or died while they held this split. */
  attempts = 0;
  hasEnded = false;
  failure: { readonly error: unknown } | undefined;

  constructor(options: OpenSplitOptions) {
    this.#options = options;
    this.index = options.index;
  }

  get holder(): Readonly<Holder> | undefined {
    return this.#holder;
  }

  /** Answers a helper that has taken the split from the queue, or that still works on the split. */
  hold(id: string, host: string, staleMs: number): TrainerAnswer {
    if (this.hasEnded || this.failure) return { type: 'done' };
    const now = performance.now();
    if (this.#holder?.id === id) {
      this.#holder.heardAt = now;
      return { type: 'work', from: this.#next };
    }
    // A heartbeat that was sent before the helper received the dismissal.
    if (id === this.#yieldedBy) return { type: 'later' };
    if (this.#holder) {
      if (now - this.#holder.heardAt < staleMs) return { type: 'later' };
      this.attempts++;
      // `isDone` is false, because an acknowledgement of the earlier delivery would remove the split from the queue.
      this.#options.dismiss(this.#holder.id, false);
    }
    this.#holder = { id, host, heardAt: now };
    void this.#fetchFrom(id);
    return { type: 'work', from: this.#next };
  }

  /** Returns false if another helper holds the split. */
  release(id: string): boolean {
    if (this.#holder?.id !== id) return false;
    this.#holder = undefined;
    this.#freeSince = performance.now();
    return true;
  }

  /** The time in milliseconds since a helper last reported that it works on the split. */
  get silenceMs(): number {
    return performance.now() - (this.#holder?.heardAt ?? this.#freeSince);
  }

  /** Makes the helper return the split to the queue. */
  yield(): void {
    if (!this.#holder) return;
    this.#yieldedBy = this.#holder.id;
    this.#options.dismiss(this.#holder.id, false);
    this.release(this.#holder.id);
  }

  close(): void {
    if (this.#holder) this.#options.dismiss(this.#holder.id, true);
    this.#holder = undefined;
  }

  /** Fetches items until this helper no longer holds the split. */
  async #fetchFrom(id: string): Promise<void> {
    const { reserve, adjust, dismiss, onChange, onInvalid } = this.#options;
    const isHolder = (): boolean => this.#holder?.id === id;
    while (isHolder()) {
      let counted = this.#lastBytes;
      try {
        await reserve(this, counted);
      } catch {
        return;
      }
      const resize = async (bytes: number): Promise<void> => {
        if (bytes > counted) {
          // Releases its room before it waits for more. Otherwise, two splits could wait for each other forever.
          adjust(-1, -counted);
          counted = bytes;
          await reserve(this, bytes);
        } else {
          adjust(0, bytes - counted);
          counted = bytes;
        }
      };
      const more = this.#reserveMore();
      const moreBytes = more * this.#lastBytes;
      const options = { item: this.#next, roomBytes: this.#lastBytes, moreItems: more, moreBytes };
      const arriving = new ArrivingItems(options);
      const result = await this.#fetch(id, { arriving, options, isHolder, resize }).catch((cause: unknown) => {
        if (isHolder()) onInvalid(this.#holder?.host ?? id, cause);
        return undefined;
      });
      if (result !== 'item' || !isHolder()) adjust(-1 - more, -counted - moreBytes);
      if (result === undefined || !isHolder()) return;
      if (result === 'end') {
        this.hasEnded = true;
        this.#holder = undefined;
        dismiss(id, true);
      } else {
        const further = arriving.further();
        const furtherBytes = further.reduce((sum, { length }) => sum + length, 0);
        adjust(further.length - more, furtherBytes - moreBytes);
        for (const bytes of [arriving.first.complete(), ...further]) {
          if (this.#receive(bytes)) continue;
          onInvalid(this.#holder?.host ?? id);
          return;
        }
      }
      onChange();
    }
  }

  #reserveMore(): number {
    const bytes = this.#lastBytes;
    const most = bytes === 0 ? 0 : Math.floor(ANSWER_BYTES / bytes) - 1;
    return most > 0 ? this.#options.reserveMore(this, bytes, Math.min(most, MAX_MORE_ITEMS)) : 0;
  }

  #receive(bytes: Uint8Array): boolean {
    try {
      this.arrived.push({ item: decodeAlignedItem(bytes), bytes: bytes.length });
    } catch {
      return false;
    }
    this.#next++;
    this.#lastBytes = bytes.length;
    return true;
  }

  async #fetch(id: string, { arriving, options, isHolder, resize }: Fetch): Promise<'item' | 'end' | undefined> {
    const { first } = arriving;
    while (isHolder()) {
      const { item, moreItems, moreBytes } = options;
      const request = { item, offset: first.filled, moreItems, moreBytes };
      const isAnswered = await this.#options.ask(id, request, arriving.receive);
      if (!isHolder()) return undefined;
      if (arriving.isEnd) return 'end';
      if (first.byteLength !== undefined) {
        await resize(first.byteLength);
        if (first.isComplete) return 'item';
        first.grow();
      }
      // The helper has died or lost its connection. Ask it again until another helper takes the split.
      if (!isAnswered) await sleep(RETRY_MS, undefined, { ref: false });
    }
    return undefined;
  }
}
