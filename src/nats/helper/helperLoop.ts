import { randomUUID } from 'node:crypto';
import type { Msg } from '@nats-io/transport-node';
import { encodeError, type EncodedError } from '../../workers/crossing/encodeError.js';
import { SplitThread, type SplitRun } from '../../workers/host/splitThread.js';
import type { Nats } from '../connect.js';
import {
  decodeMessage,
  encodeMessage,
  helperOf,
  trainerOf,
  type SplitMessage,
  type TrainerAnswer,
  type TrainerRequest,
} from '../protocol.js';
import type { Delivery } from './delivery.js';
import { HeldSplit } from './heldSplit.js';
import { SplitConsumer } from './splitConsumer.js';

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

/** After `done`, the split is complete. Otherwise, the queue delivers it again. `later` adds a delay. */
type Outcome = 'done' | 'later' | 'now' | { readonly error: EncodedError; readonly request?: Msg };

const ASK_MS = 2000;
/** The number of heartbeats in each `ack_wait`. */
const BEATS = 3;
const CREDIT = { items: 4, bytes: 1 << 26 };

/** One thread of a helper: takes a split, sends its items on request, and takes the next one. */
export class HelperLoop {
  readonly #options: HelperLoopOptions;
  #thread: SplitThread | undefined;
  #exportName: string | undefined;

  constructor(options: HelperLoopOptions) {
    this.#options = options;
  }

  async run(): Promise<void> {
    const { drain, nats, job } = this.#options;
    const consumer = new SplitConsumer(nats, job, async () => this.#ask({ type: 'ping' }));
    try {
      while (!drain.aborted) {
        const message = await consumer.next();
        if (message && drain.aborted) message.nak();
        else if (message) await this.#handle(message);
      }
    } finally {
      consumer.close();
      await this.#thread?.close();
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
    const { nats, job } = this.#options;
    const { promise, resolve } = withResolver<Outcome>();
    const heldSplit = new HeldSplit({
      onEnd: (isDone) => resolve(isDone ? 'done' : 'later'),
      onError: (error, request) => resolve({ error, request }),
    });
    // The trainer requests the first item as soon as it has answered.
    const requests = nats.connection.subscribe(helperOf(job, held.holder), {
      callback: (_error, request) => heldSplit.receive(request),
    });
    try {
      const from = await this.#hold(split, held);
      if (typeof from !== 'number') return from;
      return await this.#compute(split, from, { heldSplit, held, message, promise, resolve });
    } finally {
      requests.unsubscribe();
    }
  }

  /** Returns the number of the first item to send, or how the work ends. */
  async #hold(split: SplitMessage, held: Held): Promise<number | Outcome> {
    const { digest, onRefused } = this.#options;
    const answer = await this.#ask({ type: 'hold', ...held, digest }, split.ackWaitMs / 2);
    if (answer?.type === 'work') return answer.from;
    if (answer?.type === 'refuse') {
      onRefused(answer.reason);
      return 'now';
    }
    if (!answer) this.#giveUp(held);
    return answer?.type === 'done' ? 'done' : 'later';
  }

  /** Returns the split. A busy trainer reads this after the earlier requests, and counts no failure. */
  #giveUp(held: Held): void {
    const { connection } = this.#options.nats;
    if (connection.isClosed()) return;
    connection.publish(trainerOf(this.#options.job), encodeMessage('trainerRequest', { type: 'release', ...held }));
  }

  async #compute(split: SplitMessage, from: number, work: Work): Promise<Outcome> {
    const { digest, stop, report } = this.#options;
    const { index, epoch, data, ackWaitMs, exportName } = split;
    const { heldSplit, held, message, promise, resolve } = work;
    let heardAt = performance.now();
    const beat = async (): Promise<void> => {
      message.working();
      const next = await this.#ask({ type: 'hold', ...held, digest }, ackWaitMs / 2);
      if (next?.type === 'work') heardAt = performance.now();
      else if (next) resolve(next.type === 'done' ? 'done' : 'later');
      else if (performance.now() - heardAt > BEATS * ackWaitMs) {
        // The trainer has died or is busy, or the server has been unreachable for a long time.
        this.#giveUp(held);
        resolve('later');
      }
    };
    const beats = setInterval(() => void beat(), ackWaitMs / BEATS);
    const giveBack = (): void => resolve('now');
    stop.addEventListener('abort', giveBack, { once: true });
    if (stop.aborted) giveBack();
    let run: SplitRun | undefined;
    try {
      const thread = await this.#threadFor(exportName);
      run = thread.start(heldSplit, { data, place: { split: split.split, index, epoch }, from });
      heldSplit.begin(run, from);
      return await promise;
    } finally {
      run?.stop();
      clearInterval(beats);
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

  async #ask(request: TrainerRequest, timeout = ASK_MS): Promise<TrainerAnswer | undefined> {
    const { nats, job } = this.#options;
    try {
      const message = encodeMessage('trainerRequest', request);
      const answer = await nats.connection.request(trainerOf(job), message, { timeout });
      return decodeMessage('trainerAnswer', answer.data);
    } catch {
      return undefined;
    }
  }
}

interface Work {
  readonly heldSplit: HeldSplit;
  readonly held: Held;
  readonly message: Delivery;
  readonly promise: Promise<Outcome>;
  readonly resolve: (outcome: Outcome) => void;
}

type Held = Pick<Extract<TrainerRequest, { readonly type: 'hold' }>, 'run' | 'index' | 'holder' | 'host'>;

function withResolver<T>(): { readonly promise: Promise<T>; readonly resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((done) => (resolve = done));
  return { promise, resolve };
}
