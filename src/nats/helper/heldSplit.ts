import type { Msg } from '@nats-io/transport-node';
import type { EncodedError } from '../../workers/crossing/encodeError.js';
import type { SplitRun } from '../../workers/host/splitThread.js';
import { ANSWER_BYTES, decodeMessage, encodeAnswer, type NextItem } from '../protocol.js';

export interface HeldSplitOptions {
  /**
   * Called when this helper must end its work on the split. If `isDone` is false, another helper completes the split.
   */
  readonly onEnd: (isDone: boolean) => void;
  /** Called when the trainer has received all items before the error, and requests the next item. */
  readonly onError: (error: EncodedError, request: Msg) => void;
}

/** The items of a split that a helper has computed, and that the trainer has not yet received. */
export class HeldSplit {
  readonly #options: HeldSplitOptions;
  readonly #items: Uint8Array[] = [];
  #run: SplitRun | undefined;
  /** The number of the first item in the queue. */
  #first = 0;
  /** The number of items in the last answer. */
  #sent = 0;
  #hasEnded = false;
  #failure: { readonly error: EncodedError } | undefined;
  #unanswered: Msg | undefined;
  /** True if the trainer has received all items. */
  isDone = false;
  sentItems = 0;
  sentBytes = 0;

  constructor(options: HeldSplitOptions) {
    this.#options = options;
  }

  /** Starts with the item number `from`. The trainer may already have requested this item. */
  begin(run: SplitRun, from: number): void {
    this.#run = run;
    this.#first = from;
    this.#answer();
  }

  readonly next = (item: Uint8Array): void => {
    this.#items.push(item);
    this.#answer();
  };

  readonly complete = (): void => {
    this.#hasEnded = true;
    this.#answer();
  };

  readonly error = (error: EncodedError): void => {
    this.#failure = { error };
    this.#answer();
  };

  /** A new request replaces an unanswered request. The trainer no longer waits for the old request. */
  readonly receive = (message: Msg): void => {
    this.#unanswered = message;
    this.#answer();
  };

  #answer(): void {
    const message = this.#unanswered;
    const request = message && decodeMessage('itemRequest', message.data);
    if (!message || !request) return;
    if ('done' in request) {
      this.#unanswered = undefined;
      this.isDone = request.done;
      this.#options.onEnd(request.done);
      return;
    }
    if (!this.#run) return;
    if (request.item > this.#first && request.item <= this.#first + this.#sent) this.#drop(request.item - this.#first);
    if (request.item !== this.#first) return;
    if (this.#items.length === 0 && !this.#hasEnded && !this.#failure) return;
    this.#unanswered = undefined;
    if (this.#items.length === 0 && this.#failure) {
      this.#options.onError(this.#failure.error, message);
      return;
    }
    const items = this.#answerTo(request);
    this.#sent = items.length;
    for (const piece of encodeAnswer(items, request)) message.respond(piece);
  }

  /** Returns the items of one answer: the first item, and the next items that fit. */
  #answerTo({ offset, moreItems, moreBytes }: NextItem): Uint8Array[] {
    const [first, ...others] = this.#items;
    if (!first) return [];
    const items = [first];
    let space = Math.min(moreBytes, ANSWER_BYTES - (first.length - offset));
    for (const item of others) {
      if (items.length > moreItems || item.length > space) break;
      items.push(item);
      space -= item.length;
    }
    return items;
  }

  /** Drops the first items. */
  #drop(count: number): void {
    for (const { length } of this.#items.splice(0, count)) {
      this.sentItems++;
      this.sentBytes += length;
      this.#run?.taken(length);
    }
    this.#first += count;
    this.#sent -= count;
  }
}
