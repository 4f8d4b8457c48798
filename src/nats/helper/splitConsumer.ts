import { setTimeout as sleep } from 'node:timers/promises';
import type { Consumer } from '@nats-io/jetstream';
import type { Subscription } from '@nats-io/transport-node';
import type { Nats } from '../connect.js';
import { allHelpersOf, streamOf, type TrainerAnswer } from '../protocol.js';
import { Delivery } from './delivery.js';

/**
 * Requests for a split expire. A stopping helper waits until its request has expired, because a split that arrived
 * later would wait for `ack_wait`.
 */
const TAKE_MS = 1000;
const RETRY_MS = 500;

/** Takes splits from the work queue of a job. The trainer makes a new queue for each epoch. */
export class SplitConsumer {
  readonly #nats: Nats;
  readonly #job: string;
  readonly #ping: () => Promise<TrainerAnswer | undefined>;
  readonly #news: Subscription;
  #consumer: Consumer | undefined;
  #wake: () => void = () => undefined;

  constructor(nats: Nats, job: string, ping: () => Promise<TrainerAnswer | undefined>) {
    this.#nats = nats;
    this.#job = job;
    this.#ping = ping;
    this.#news = nats.connection.subscribe(allHelpersOf(job), {
      callback: () => {
        this.#consumer = undefined;
        this.#wake();
      },
    });
  }

  close(): void {
    this.#news.unsubscribe();
  }

  /** Resolves to `undefined` if there is no split for some time. */
  async next(): Promise<Delivery | undefined> {
    const deadline = new AbortController();
    const after = async (ms: number): Promise<undefined> =>
      sleep(ms, undefined, { signal: deadline.signal }).catch(() => undefined);
    const isNew = new Promise<undefined>((resolve) => (this.#wake = () => resolve(undefined)));
    try {
      const consumer = (this.#consumer ??= await this.#find());
      if (!consumer) {
        await Promise.race([after(RETRY_MS), isNew]);
        return undefined;
      }
      const next = consumer.next({ expires: TAKE_MS });
      // A server does not answer requests to a queue that it has lost or removed.
      const message = await Promise.race([next, after(2 * TAKE_MS), isNew]);
      if (message !== undefined) return message ? new Delivery(this.#nats, message) : undefined;
      this.#consumer = undefined;
      void next.then((found) => found?.nak()).catch(() => undefined);
    } catch {
      // The trainer has removed the queue, or no server is running.
      this.#consumer = undefined;
      await Promise.race([after(RETRY_MS), isNew]);
    } finally {
      deadline.abort();
    }
    return undefined;
  }

  async #find(): Promise<Consumer | undefined> {
    const answer = await this.#ping();
    if (answer?.type !== 'queue') return undefined;
    const { connection, jetstream } = this.#nats;
    return jetstream.jetstream(connection).consumers.get(streamOf(this.#job), answer.consumer);
  }
}
