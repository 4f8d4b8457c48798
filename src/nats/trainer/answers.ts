import { randomUUID } from 'node:crypto';
import type { Msg, NatsConnection, Subscription } from '@nats-io/transport-node';
import { decodePiece, type Piece } from '../protocol.js';

interface Waiting {
  /** Returns true if the answer is complete. */
  readonly receive: (piece: Piece) => boolean;
  readonly resolve: (isComplete: boolean) => void;
  readonly reject: (error: unknown) => void;
  readonly timer: NodeJS.Timeout;
}

/** Sends requests. An answer can have several messages, which NATS's own requests do not support. */
export class RequestAnswers {
  readonly #connection: NatsConnection;
  readonly #timeoutMs: number;
  readonly #inbox = `_INBOX.${randomUUID()}`;
  readonly #subscription: Subscription;
  readonly #waiting = new Map<string, Waiting>();
  #asked = 0;

  constructor(connection: NatsConnection, timeoutMs: number) {
    this.#connection = connection;
    this.#timeoutMs = timeoutMs;
    this.#subscription = connection.subscribe(`${this.#inbox}.*`, {
      callback: (_error, message) => this.#take(message),
    });
  }

  /**
   * Sends a request, and calls `receive` with each piece of the answer until `receive` returns true. The bytes of a
   * piece are valid only during the call. Resolves to false if no piece arrives for `timeoutMs`, if nobody has
   * subscribed to `subject`, or at `close`. Rejects if bytes are not a piece, or if `receive` throws.
   */
  ask(subject: string, request: Uint8Array, receive: (piece: Piece) => boolean): Promise<boolean> {
    const reply = `${this.#inbox}.${this.#asked++}`;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#end(reply, () => resolve(false)), this.#timeoutMs);
      this.#waiting.set(reply, { receive, resolve, reject, timer });
      this.#connection.publish(subject, request, { reply });
    });
  }

  close(): void {
    this.#subscription.unsubscribe();
    for (const [reply, { resolve }] of this.#waiting) this.#end(reply, () => resolve(false));
  }

  #end(reply: string, settle: () => void): void {
    clearTimeout(this.#waiting.get(reply)?.timer);
    this.#waiting.delete(reply);
    settle();
  }

  #take({ subject, data, headers }: Msg): void {
    const waiting = this.#waiting.get(subject);
    if (!waiting) return;
    const { receive, resolve, reject, timer } = waiting;
    try {
      const piece = decodePiece(data);
      // If nobody has subscribed to the subject of the request, the server answers with headers only.
      if (!piece && headers !== undefined) this.#end(subject, () => resolve(false));
      else if (!piece) throw new Error(`${data.length} bytes that are not a part of an item`);
      else if (receive(piece)) this.#end(subject, () => resolve(true));
      else timer.refresh();
    } catch (error) {
      this.#end(subject, () => reject(error));
    }
  }
}
