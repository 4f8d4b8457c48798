import type { JsMsg } from '@nats-io/jetstream';
import type { Nats } from '../connect.js';

/**
 * A message of the work queue. If the connection was lost after the delivery, the methods do nothing, because a
 * restarted server may have a new queue with a different message of the same number. An old queue delivers the message
 * again after `ack_wait`, and the trainer answers `done`.
 */
export class Delivery {
  readonly #nats: Nats;
  readonly #message: JsMsg;
  readonly #losses: number;

  constructor(nats: Nats, message: JsMsg) {
    this.#nats = nats;
    this.#message = message;
    this.#losses = nats.losses;
  }

  get data(): Uint8Array {
    return this.#message.data;
  }

  /** Removes the split from the queue, because it needs no more work. */
  ack(): void {
    if (this.#isCurrent) this.#message.ack();
  }

  /** Makes the queue deliver the split again after the delay. */
  nak(delayMs?: number): void {
    if (this.#isCurrent) this.#message.nak(delayMs);
  }

  /** Removes a message that is not a split from the queue. */
  term(): void {
    if (this.#isCurrent) this.#message.term('not a split');
  }

  /** Restarts `ack_wait`. */
  working(): void {
    if (this.#isCurrent) this.#message.working();
  }

  get #isCurrent(): boolean {
    return this.#nats.losses === this.#losses && !this.#nats.connection.isClosed();
  }
}
