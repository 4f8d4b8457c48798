import { randomUUID } from 'node:crypto';
import { ConfigError } from '../../base/errors.js';
import { keepFreedMemory } from '../../base/keepFreedMemory.js';
import { showValue } from '../../base/showValue.js';
import type { Outlet, Puller } from '../../demand/pullSource.js';
import type { SplitMessage, TrainerAnswer } from '../protocol.js';
import { encodeSplit } from './encodeSplit.js';
import { HelperWatch } from './helperWatch.js';
import { invalidItem } from './invalidItem.js';
import { namedFailure } from './namedFailure.js';
import { OpenSplit } from './openSplit.js';
import { Room } from './room.js';
import { TrainerLink, type HolderRequest, type TrainerLinkOptions } from './trainerLink.js';

export interface TrainerOptions extends TrainerLinkOptions, Pick<SplitMessage, 'epoch' | 'data' | 'exportName'> {
  readonly digest: () => Promise<string>;
  readonly splits: () => readonly unknown[] | PromiseLike<readonly unknown[]>;
  readonly ordered: boolean;
  readonly concurrency: number;
  readonly items: number;
  readonly bytes: number;
  readonly attempts: number;
  readonly helperTimeoutMs: number;
  /** Resolves at the end of the previous run, which uses the same queue. */
  readonly previous: Promise<void>;
}

/** A free helper has this time to take a split that the queue delivers again. */
const YIELD_MS = 250;
/** If no helper works on a split for this many `ackWaitMs`, the message of the split may be lost. */
const LOST_PARTS = 3;
/** A helper that is silent for this part of `ackWaitMs` can be replaced. */
const STALE_PART = 0.7;

/** One epoch of a trainer: its splits, its work queue and the items that have arrived. */
export class TrainerRun implements Puller {
  readonly #outlet: Outlet<unknown>;
  readonly #options: TrainerOptions;
  readonly #run = randomUUID();
  readonly #room: Room;
  /** The splits that are queued or in work, in order. */
  readonly #open: OpenSplit[] = [];
  readonly #watch: HelperWatch;
  #link: TrainerLink | undefined;
  #digest = '';
  #splits: readonly unknown[] | undefined;
  #nextSplit = 0;
  #isWanted = false;
  #isClosed = false;
  #lastHelp = -Infinity;
  #lastRenewal = -Infinity;
  readonly #started: Promise<void>;
  #end: () => void = () => undefined;
  /** Resolves when the server has no more data of this run. */
  readonly ended = new Promise<void>((resolve) => (this.#end = resolve));

  constructor(outlet: Outlet<unknown>, options: TrainerOptions) {
    this.#outlet = outlet;
    this.#options = options;
    this.#room = new Room({ ...options, first: () => this.#open[0] });
    this.#watch = new HelperWatch(options, {
      isWanted: () => this.#isWanted,
      onFailure: (error) => this.#fail(error),
      onReconnect: () => this.#link?.queue.restore(),
      onTick: () => this.#helpFirst(),
    });
    keepFreedMemory();
    this.#started = this.#start().catch((error: unknown) => this.#fail(error));
  }

  readonly pull = (): void => {
    this.#isWanted = true;
    this.#watch.heard();
    this.#serve();
  };

  readonly close = (): void => {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#watch.close();
    for (const split of this.#open) split.close();
    this.#room.close();
    void this.#started.then(() => this.#link?.close(this.#watch.isConnected)).finally(this.#end);
  };

  async #start(): Promise<void> {
    const { previous, splits, digest } = this.#options;
    await previous;
    const [found, sha256] = await Promise.all([splits(), digest()]);
    this.#digest = sha256;
    if (this.#isClosed) return;
    if (!Array.isArray(found)) {
      const message = `${this.#options.name}: splits: expected the function to return an array, found ${showValue(found)}`;
      throw new ConfigError(message, { path: 'splits' });
    }
    this.#link = await TrainerLink.open(this.#options, this.#answer);
    if (this.#isClosed) return;
    void this.#watch.follow(this.#link.connection);
    this.#splits = found;
    this.#openMore();
    this.#serve();
  }

  #openMore(): void {
    const link = this.#link;
    const { concurrency, name, epoch, data, exportName, ackWaitMs } = this.#options;
    while (link && this.#splits && this.#open.length < concurrency && this.#nextSplit < this.#splits.length) {
      const index = this.#nextSplit++;
      const message = { run: this.#run, epoch, index, data, exportName, ackWaitMs, split: this.#splits[index] };
      try {
        link.queue.add(this.#idOf(index), encodeSplit(name, message, link.connection.info?.max_payload));
      } catch (error) {
        this.#fail(error);
        return;
      }
      this.#open.push(this.#openSplit(index, link));
    }
  }

  #openSplit(index: number, link: TrainerLink): OpenSplit {
    const room = this.#room;
    return new OpenSplit({
      index,
      ask: (...request) => link.ask(...request),
      dismiss: (...words) => link.dismiss(...words),
      reserve: (split, bytes) => room.reserve(split, bytes),
      reserveMore: (...further) => room.reserveMore(...further),
      adjust: (items, bytes) => room.add(items, bytes),
      onChange: () => this.#serve(),
      onInvalid: (host, cause) => this.#fail(invalidItem({ name: this.#options.name, index, host, cause })),
    });
  }

  /**
   * If the helper of the first split has died, and all other helpers work on later splits, nobody takes the first
   * split. So the helper of the last split returns its split to the queue, and then takes the first split.
   */
  #helpFirst(): void {
    const { ordered, ackWaitMs } = this.#options;
    const [first] = this.#open;
    const now = performance.now();
    if (!first) return;
    if (first.silenceMs > LOST_PARTS * ackWaitMs && now - this.#lastRenewal > ackWaitMs) {
      this.#lastRenewal = now;
      this.#link?.queue.renew(this.#idOf(first.index));
    }
    if (!ordered || first.silenceMs < ackWaitMs + YIELD_MS || now - this.#lastHelp < YIELD_MS) return;
    this.#lastHelp = now;
    this.#open.findLast((split) => split !== first && split.holder && split.silenceMs < ackWaitMs)?.yield();
  }

  #serve(): void {
    while (this.#isWanted && this.#splits && !this.#isClosed) {
      const split = this.#nextReady();
      const first = split?.arrived.shift();
      if (first) {
        this.#isWanted = false;
        this.#room.add(-1, -first.bytes);
        this.#outlet.deliver(first.item);
      } else if (split?.failure) {
        this.#fail(split.failure.error);
      } else if (split?.hasEnded === true) {
        this.#open.splice(this.#open.indexOf(split), 1);
        this.#link?.queue.remove(this.#idOf(split.index));
        this.#openMore();
        this.#room.grant();
      } else if (!split && this.#open.length === 0) {
        this.#isWanted = false;
        this.#outlet.complete();
      } else return;
    }
  }

  #nextReady(): OpenSplit | undefined {
    if (this.#options.ordered) return this.#open[0];
    return this.#open.find((split) => split.arrived.length > 0 || split.hasEnded || split.failure !== undefined);
  }

  readonly #answer = (request: HolderRequest): TrainerAnswer => {
    const isOpen = request.run === this.#run && !this.#isClosed;
    const split = isOpen ? this.#open.find(({ index }) => index === request.index) : undefined;
    if (!split) return { type: 'done' };
    const answer = this.#answerFor(split, request);
    if (split.failure) this.#serve();
    return answer;
  };

  #answerFor(split: OpenSplit, request: HolderRequest): TrainerAnswer {
    const { attempts, ackWaitMs } = this.#options;
    const { holder, host } = request;
    if (request.type === 'hold') {
      if (request.digest !== this.#digest) return { type: 'refuse', reason: this.#watch.refuse(host, this.#digest) };
      const { host: lastHost = host } = split.holder ?? {};
      const answer = split.hold(holder, host, STALE_PART * ackWaitMs);
      if (answer.type === 'work') this.#watch.heard();
      return split.attempts < attempts ? answer : this.#failSplit(split, lastHost);
    }
    if (!split.release(holder)) return { type: 'done' };
    if (request.type === 'release' || ++split.attempts < attempts) return { type: 'later' };
    return this.#failSplit(split, host, request.error);
  }

  #failSplit(split: OpenSplit, host: string, error?: unknown): TrainerAnswer {
    split.close();
    const { index } = split;
    const { name, attempts } = this.#options;
    split.failure = { error: namedFailure(error, { name, index, split: this.#splits?.[index], attempts, host }) };
    return { type: 'done' };
  }

  #idOf(index: number): string {
    return `${this.#run}.${index}`;
  }

  #fail(error: unknown): void {
    if (this.#isClosed) return;
    this.#isWanted = false;
    this.#outlet.fail(error);
  }
}
