import type { Piece } from '../protocol.js';
import { ArrivingItem } from './arrivingItem.js';

export interface ArrivingItemsOptions {
  /** The number of the first item in its split. */
  readonly item: number;
  /** The number of bytes that are reserved for the first item. */
  readonly roomBytes: number;
  readonly moreItems: number;
  readonly moreBytes: number;
}

/** An item that arrives in one or more answers, and the further items in the last answer. */
export class ArrivingItems {
  readonly first: ArrivingItem;
  readonly #further: ArrivingItem[] = [];
  readonly #item: number;
  #moreItems: number;
  #moreBytes: number;
  isEnd = false;

  constructor({ item, roomBytes, moreItems, moreBytes }: ArrivingItemsOptions) {
    this.first = new ArrivingItem(roomBytes);
    this.#item = item;
    this.#moreItems = moreItems;
    this.#moreBytes = moreBytes;
  }

  /**
   * Returns true after the last piece of an answer. If a piece was lost, ignores the next ones, so that the answer
   * times out.
   */
  readonly receive = (piece: Piece): boolean => {
    this.isEnd = piece.isEnd && piece.item === this.#item && this.first.filled === 0;
    if (piece.isEnd) return this.isEnd;
    const item = this.#itemOf(piece);
    return item?.receive(piece) === true && piece.isLast;
  };

  /** The further items, which are complete. */
  further(): Uint8Array[] {
    return this.#further.filter(({ isComplete }) => isComplete).map((item) => item.complete());
  }

  #itemOf({ item, byteLength, offset }: Piece): ArrivingItem | undefined {
    const place = item - this.#item;
    const previous = this.#further[place - 2] ?? this.first;
    if (place > 0 && place === this.#further.length + 1 && offset === 0 && previous.isComplete) {
      this.#moreItems--;
      this.#moreBytes -= byteLength;
      if (this.#moreItems < 0 || this.#moreBytes < 0) throw new Error('more items than were requested');
      this.#further.push(new ArrivingItem(byteLength));
    }
    return place === 0 ? this.first : this.#further[place - 1];
  }
}
