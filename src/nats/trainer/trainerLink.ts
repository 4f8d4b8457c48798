import type { Subscription } from '@nats-io/transport-node';
import { ChannelError, ConfigError } from '../../base/errors.js';
import { reasonOfFailure } from '../../base/reasonOfFailure.js';
import { connectTo, forbiddenError, type Nats, type NatsOptions } from '../connect.js';
import {
  decodeMessage,
  encodeMessage,
  helperOf,
  trainerOf,
  type NextItem,
  type Piece,
  type TrainerAnswer,
  type TrainerRequest,
} from '../protocol.js';
import { RequestAnswers } from './answers.js';
import { SplitQueue } from './splitQueue.js';

export interface TrainerLinkOptions {
  readonly name: string;
  readonly nats: NatsOptions;
  readonly job: string;
  readonly ackWaitMs: number;
}

/** A request about a split. */
export type HolderRequest = Exclude<TrainerRequest, { readonly type: 'ping' }>;

const PING_TIMEOUT_MS = 2000;

/** The trainer's connection, its work queue, and the requests of helpers. */
export class TrainerLink {
  readonly connection: Nats['connection'];
  readonly queue: SplitQueue;
  readonly #options: TrainerLinkOptions;
  readonly #answers: RequestAnswers;
  #requests: Subscription | undefined;

  private constructor(options: TrainerLinkOptions, nats: Nats) {
    this.#options = options;
    this.connection = nats.connection;
    this.#answers = new RequestAnswers(nats.connection, options.ackWaitMs);
    this.queue = new SplitQueue(nats, options.job, options.ackWaitMs);
  }

  /** @throws ChannelError or ConfigError (as a rejection): see `onHosts`. */
  static async open(
    options: TrainerLinkOptions,
    answer: (request: HolderRequest) => TrainerAnswer,
  ): Promise<TrainerLink> {
    const link = new TrainerLink(options, await connectTo(options.name, options.nats));
    try {
      await link.#open(answer);
    } catch (error) {
      await link.connection.close();
      throw error;
    }
    return link;
  }

  async #open(answer: (request: HolderRequest) => TrainerAnswer): Promise<void> {
    const { name, job } = this.#options;
    const ping = encodeMessage('trainerRequest', { type: 'ping' });
    const isAlone = await this.connection
      .request(trainerOf(job), ping, { timeout: PING_TIMEOUT_MS })
      .then(() => false)
      .catch((error: unknown) => {
        const forbidden = forbiddenError(name, error);
        if (forbidden) throw forbidden;
        // A trainer whose thread is busy does not answer in time.
        return String(error).includes('no responders');
      });
    if (!isAlone)
      throw new ConfigError(`${name}: another trainer uses the job ${job}. Set a different job for each trainer.`, {
        path: 'job',
      });
    this.#requests = this.connection.subscribe(trainerOf(job), {
      callback: (_error, message) => {
        const request = decodeMessage('trainerRequest', message.data);
        if (!request) return;
        const found =
          request.type === 'ping' ? ({ type: 'queue', consumer: this.queue.consumer } as const) : answer(request);
        message.respond(encodeMessage('trainerAnswer', found));
      },
    });
    await this.queue.open().catch((cause: unknown) => {
      const message = `${name}: cannot make the work queue: ${reasonOfFailure(cause)}. Start the server with JetStream (nats-server --jetstream), and check the permissions`;
      throw new ChannelError(message, { code: 'ERR_CHANNEL_IO', path: this.connection.getServer(), cause });
    });
  }

  /** See {@link RequestAnswers.ask}. */
  async ask(holder: string, request: NextItem, receive: (piece: Piece) => boolean): Promise<boolean> {
    const message = encodeMessage('itemRequest', request);
    return this.#answers.ask(helperOf(this.#options.job, holder), message, receive);
  }

  /** Ends a helper's work on a split. */
  dismiss(holder: string, done: boolean): void {
    if (this.connection.isClosed()) return;
    this.connection.publish(helperOf(this.#options.job, holder), encodeMessage('itemRequest', { done }));
  }

  /** @param isConnected - see {@link SplitQueue.close}. */
  async close(isConnected: boolean): Promise<void> {
    this.#requests?.unsubscribe();
    this.#answers.close();
    await this.queue.close(isConnected).catch(() => undefined);
    await this.connection.close();
  }
}
