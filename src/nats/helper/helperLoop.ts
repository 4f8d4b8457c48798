import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Consumer } from '@nats-io/jetstream';
import type { Msg } from '@nats-io/transport-node';
import { encodeError, type EncodedError } from '../../workers/crossing/encodeError.js';
import { SplitThread } from '../../workers/host/splitThread.js';
import type { Nats } from '../connect.js';
import {
  CONSUMER,
  decodeMessage,
  encodeMessage,
  helperOf,
  streamOf,
  trainerOf,
  type SplitMessage,
  type TrainerAnswer,
  type TrainerRequest,
} from '../protocol.js';
import { Delivery } from './delivery.js';
import { HeldSplit } from './heldSplit.js';

export interface WorkReport {
  /** The number of splits that this helper has completed. */
  splits: number;
  items: number;
  bytes: number;
  /** The number of times that the pipeline of a split failed. */
  failed: number;
}

export interface HelperLoopOptions {
  readonly name: string;
  readonly job: string;
  readonly module: URL;
  readonly digest: string;
  readonly host: string;
  readonly nats: Nats;
  readonly report: WorkReport;
  /** If aborted, the loop takes no more splits. */
  readonly drain: AbortSignal;
  /** If aborted, the loop returns its split to the queue. */
  readonly stop: AbortSignal;
  readonly onProgress: () => void;
  readonly onRefused: (reason: string) => void;
}

/**
 * How the work on a split ended. Unless `done`, the queue delivers the split again: at once, or after a delay
 * (`later`).
 */
type Outcome = 'done' | 'later' | 'now' | { readonly error: EncodedError; readonly request?: Msg };

/**
 * Requests for a split expire. A stopping helper waits for this, because a split that arrived later would wait for
 * `ack_wait`.
 */
const TAKE_MS = 1000;
const RETRY_MS = 100;
/** The number of heartbeats in each `ack_wait`. */
const BEATS = 3;
const CREDIT = { items: 4, bytes: 1 << 26 };

/** One thread of a helper: takes a split, sends its items on request, and takes the next one. */
export class HelperLoop {
  readonly #options: HelperLoopOptions;
  #thread: SplitThread | undefined;
  #exportName: string | undefined;
  #consumer: Consumer | undefined;

  constructor(options: HelperLoopOptions) {
    this.#options = options;
  }

  async run(): Promise<void> {
    const { drain } = this.#options;
    try {
      while (!drain.aborted) {
        const message = await this.#take();
        if (message && drain.aborted) message.nak();
        else if (message) await this.#handle(message);
      }
    } finally {
      await this.#thread?.close();
    }
  }

  async #take(): Promise<Delivery | undefined> {
    const { nats, job } = this.#options;
    const deadline = new AbortController();
    try {
      this.#consumer ??= await nats.jetstream.jetstream(nats.connection).consumers.get(streamOf(job), CONSUMER);
      const next = this.#consumer.next({ expires: TAKE_MS });
      // If the server loses the queue, the client can wait for a message forever.
      const late = sleep(2 * TAKE_MS, undefined, { signal: deadline.signal }).catch(() => undefined);
      const message = await Promise.race([next, late]);
      if (message !== undefined) return message ? new Delivery(nats, message) : undefined;
      this.#consumer = undefined;
      void next.then((found) => found?.nak()).catch(() => undefined);
      return undefined;
    } catch {
      // No trainer or no server is running.
      this.#consumer = undefined;
      await sleep(RETRY_MS);
      return undefined;
    } finally {
      deadline.abort();
    }
  }

  async #handle(message: Delivery): Promise<void> {
    const split = decodeMessage('splitMessage', message.data);
    if (!split) {
      message.term();
      return;
    }
    const holder = randomUUID();
    const { run, index } = split;
    const { host } = this.#options;
    const held = { run, index, holder, host };
    const outcome = await this.#work(split, held, message).catch((error: unknown): Outcome => ({
      error: encodeError(error),
    }));
    const { report, onProgress } = this.#options;
    if (outcome === 'done') message.ack();
    else if (outcome === 'later') message.nak(split.ackWaitMs / 2);
    else {
      // The trainer must know the outcome before the queue delivers the split again.
      if (outcome === 'now') await this.#ask({ type: 'release', ...held });
      else {
        report.failed++;
        await this.#ask({ type: 'fail', ...held, error: outcome.error });
        outcome.request?.respond();
      }
      message.nak();
    }
    onProgress();
  }

  async #work(split: SplitMessage, held: Held, message: Delivery): Promise<Outcome> {
    const { nats, job, digest, stop, onRefused, report } = this.#options;
    const { run: _, index, epoch, data, ackWaitMs } = split;
    const hold = { type: 'hold', ...held, digest } as const;
    const answer = await this.#ask(hold);
    if (answer?.type === 'refuse') {
      onRefused(answer.reason);
      return 'now';
    }
    if (answer?.type !== 'work') return answer?.type ?? 'later';
    const { promise, resolve } = withResolver<Outcome>();
    const { connection } = nats;
    const heldSplit = new HeldSplit({
      from: answer.from,
      onEnd: (isDone) => resolve(isDone ? 'done' : 'later'),
      onError: (error, request) => resolve({ error, request }),
    });
    const requests = connection.subscribe(helperOf(job, held.holder), {
      callback: (_error, request) => heldSplit.receive(request),
    });
    let heardAt = performance.now();
    const beat = async (): Promise<void> => {
      message.working();
      const next = await this.#ask(hold);
      if (next?.type === 'work') heardAt = performance.now();
      else if (next) resolve(next.type === 'done' ? 'done' : 'later');
      // The trainer has died, or the server has been unreachable for a long time.
      else if (performance.now() - heardAt > BEATS * ackWaitMs) resolve('later');
    };
    const beats = setInterval(() => void beat(), ackWaitMs / BEATS);
    const giveBack = (): void => resolve('now');
    stop.addEventListener('abort', giveBack, { once: true });
    if (stop.aborted) giveBack();
    const thread = await this.#threadFor(split.exportName);
    const run = thread.start(heldSplit, { data, place: { split: split.split, index, epoch }, from: answer.from });
    heldSplit.begin(run);
    try {
      return await promise;
    } finally {
      run.stop();
      clearInterval(beats);
      requests.unsubscribe();
      stop.removeEventListener('abort', giveBack);
      report.items += heldSplit.sentItems;
      report.bytes += heldSplit.sentBytes;
      if (heldSplit.isDone) report.splits++;
    }
  }

  /** Replaces the thread if `exportName` has changed, because a thread runs only one export. */
  async #threadFor(exportName: string): Promise<SplitThread> {
    if (this.#thread && this.#exportName === exportName) return this.#thread;
    await this.#thread?.close();
    const { name, module } = this.#options;
    this.#exportName = exportName;
    this.#thread = new SplitThread({ name, module, exportName, credit: CREDIT });
    return this.#thread;
  }

  async #ask(request: TrainerRequest): Promise<TrainerAnswer | undefined> {
    const { nats, job } = this.#options;
    try {
      const timeout = 2000;
      const answer = await nats.connection.request(trainerOf(job), encodeMessage('trainerRequest', request), {
        timeout,
      });
      return decodeMessage('trainerAnswer', answer.data);
    } catch {
      return undefined;
    }
  }
}

type Held = Pick<Extract<TrainerRequest, { readonly type: 'hold' }>, 'run' | 'index' | 'holder' | 'host'>;

function withResolver<T>(): { readonly promise: Promise<T>; readonly resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((done) => (resolve = done));
  return { promise, resolve };
}
