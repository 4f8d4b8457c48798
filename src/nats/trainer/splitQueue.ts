import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { JetStreamClient, JetStreamManager } from '@nats-io/jetstream';
import type { Nats } from '../connect.js';
import { allHelpersOf, splitsOf, streamOf } from '../protocol.js';

const RETRY_MS = 250;
const NANOSECONDS_PER_MS = 1e6;

/**
 * The work queue of a job in JetStream. The server keeps the queue in memory only, because the trainer can write all
 * splits again.
 */
export class SplitQueue {
  /**
   * Unique, because each run numbers its splits from 1. Otherwise, a late acknowledgement for the queue of an earlier
   * run would remove a split from this queue.
   */
  readonly consumer = `helpers-${randomUUID()}`;
  readonly #nats: Nats;
  readonly #job: string;
  readonly #ackWaitMs: number;
  readonly #messages = new Map<string, { readonly bytes: Uint8Array; version: number }>();
  #client: JetStreamClient | undefined;
  #manager: JetStreamManager | undefined;
  #isMade = false;
  #isClosed = false;
  #writing = Promise.resolve();

  constructor(nats: Nats, job: string, ackWaitMs: number) {
    this.#nats = nats;
    this.#job = job;
    this.#ackWaitMs = ackWaitMs;
  }

  /** Replaces the queue of a trainer that has died. Rejects if the server has no JetStream. */
  async open(): Promise<void> {
    const { connection, jetstream } = this.#nats;
    this.#client = jetstream.jetstream(connection);
    this.#manager = await jetstream.jetstreamManager(connection);
    await this.#manager.streams.delete(streamOf(this.#job)).catch(() => undefined);
    await this.#make();
  }

  /**
   * Writes a split to the queue. If the server loses the queue, writes the split again, unless the split was removed.
   */
  add(id: string, bytes: Uint8Array): void {
    this.#messages.set(id, { bytes, version: 0 });
    this.#write([id]);
  }

  remove(id: string): void {
    this.#messages.delete(id);
  }

  /** Writes a split again with a new id, so that the server does not ignore it as a duplicate. */
  renew(id: string): void {
    const message = this.#messages.get(id);
    if (message) message.version++;
    this.#write([id]);
  }

  /**
   * Writes all splits again with their old ids. If the server still has the queue, it ignores these ids as duplicates.
   */
  restore(): void {
    this.#isMade = false;
    this.#write([...this.#messages.keys()]);
  }

  /** @param isConnected - if false, the queue is not removed, because its removal would wait for the server. */
  async close(isConnected: boolean): Promise<void> {
    this.#isClosed = true;
    if (!isConnected) return;
    await this.#writing;
    await this.#manager?.streams.delete(streamOf(this.#job));
  }

  #write(ids: readonly string[]): void {
    this.#writing = this.#writing.then(async () => {
      for (const id of ids) await this.#writeOne(id);
    });
  }

  async #writeOne(id: string): Promise<void> {
    for (;;) {
      const message = this.#messages.get(id);
      if (!message || this.#isClosed) return;
      try {
        // A stream without its consumer would accept splits too, but no helper would receive them.
        if (!this.#isMade) await this.#make();
        await this.#client?.publish(splitsOf(this.#job), message.bytes, { msgID: `${id}.${message.version}` });
        return;
      } catch {
        // The server cannot be reached, or has restarted and lost the queue.
        this.#isMade = false;
        await sleep(RETRY_MS, undefined, { ref: false });
      }
    }
  }

  /** Makes the stream and its consumer if they do not exist. */
  async #make(): Promise<void> {
    const { RetentionPolicy, StorageType, AckPolicy } = this.#nats.jetstream;
    const stream = streamOf(this.#job);
    await this.#manager?.streams.add({
      name: stream,
      subjects: [splitsOf(this.#job)],
      retention: RetentionPolicy.Workqueue,
      storage: StorageType.Memory,
    });
    await this.#manager?.consumers.add(stream, {
      durable_name: this.consumer,
      ack_policy: AckPolicy.Explicit,
      ack_wait: this.#ackWaitMs * NANOSECONDS_PER_MS,
      max_ack_pending: -1,
      max_waiting: 4096,
    });
    this.#isMade = true;
    this.#nats.connection.publish(allHelpersOf(this.#job));
  }
}
