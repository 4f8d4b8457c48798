import type { Amount, Credit } from '../crossing/protocol.js';

/** Delivered items are reported when they reach this fraction of the credit, because each message takes time. */
const REPORTED_PART = 1 / 4;

/** Counts the delivered items of a run, and reports them to the worker. */
export class TakenItems {
  readonly #credit: Credit;
  readonly #send: (taken: Amount) => void;
  #items = 0;
  #bytes = 0;
  #later: NodeJS.Immediate | undefined;

  constructor(credit: Credit, send: (taken: Amount) => void) {
    this.#credit = credit;
    this.#send = send;
  }

  add({ items, bytes }: Amount): void {
    this.#items += items;
    this.#bytes += bytes;
    const { items: maxItems, bytes: maxBytes } = this.#credit;
    if (this.#items >= Math.floor(REPORTED_PART * maxItems) || this.#bytes >= REPORTED_PART * maxBytes) this.report();
  }

  /**
   * Call this when the consumer waits. Does not report at once, because further items may already be in the queue of
   * the event loop.
   */
  reportLater(): void {
    if (this.#items > 0 && !this.#later) this.#later = setImmediate(() => this.report());
  }

  report(): void {
    clearImmediate(this.#later);
    this.#later = undefined;
    if (this.#items > 0) this.#send({ items: this.#items, bytes: this.#bytes });
    this.#items = 0;
    this.#bytes = 0;
  }
}
