import type { JsMsg } from '@nats-io/jetstream';
import type { Nats } from '../connect.js';

/**
 * A message of the work queue, and its acknowledgement. After the loss of the connection, it is not acknowledged: a server
 * that has restarted may have a new queue, in which the number of this message belongs to another one. If the queue is
 * still the same, it delivers the message again after `ack_wait`, and the trainer says that the split is done.
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

  /** The split needs no more work. */
  ack(): void {
    if (this.#isCurrent) this.#message.ack();
  }

  /** The queue delivers the split again, after a delay in milliseconds. */
  nak(delayMs?: number): void {
    if (this.#isCurrent) this.#message.nak(delayMs);
  }

  /** The message is not a split. */
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
