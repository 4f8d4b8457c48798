import { decodeError } from '../crossing/encodeError.js';
import { sendItem } from '../crossing/packItem.js';
import type { MapMessage, MapRequest } from '../crossing/protocol.js';
import { Thread, type ThreadOptions } from './thread.js';

/** What a {@link WorkerPool} is made with. */
export interface WorkerPoolOptions extends Omit<ThreadOptions, 'entry'> {
  readonly workers: number;
  /** How long threads stay that nobody uses. */
  readonly idleTimeoutMs: number;
}

interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** One thread of a pool, and the calls that it has not answered. */
interface Member {
  readonly thread: Thread<MapRequest, MapMessage>;
  readonly pending: Map<number, Pending>;
}

/**
 * Threads that all run the same pure function. They are started as they are needed, while somebody has retained the
 * pool, and ended some time after the last one has released it. One that dies is replaced. A thread keeps the process
 * alive only while it works on a call that is still wanted.
 *
 * It has no queue: whoever calls bounds what is called. A thread may be given a call while it works on another, so that
 * it need not wait for the next.
 */
export class WorkerPool {
  readonly #options: WorkerPoolOptions;
  readonly #members = new Set<Member>();
  #users = 0;
  #taskCount = 0;
  #idle: NodeJS.Timeout | undefined;

  constructor(options: WorkerPoolOptions) {
    this.#options = options;
  }

  /** Says that calls will come. */
  retain(): void {
    this.#users++;
    clearTimeout(this.#idle);
  }

  /** Says that this user's calls are over; what is still in work is in vain. */
  release(): void {
    if (--this.#users > 0) return;
    for (const { thread } of this.#members) thread.keepProcess(false);
    this.#idle = setTimeout(this.#end, this.#options.idleTimeoutMs).unref();
  }

  /** Calls the function in the thread that has least to do. */
  call(item: unknown, index: number): Promise<unknown> {
    const { thread, pending } = this.#nextMember();
    const task = this.#taskCount++;
    return new Promise((resolve, reject) => {
      sendItem(item, this.#options, (packed, transfer) =>
        thread.send({ type: 'map', task, item: packed, index }, transfer),
      );
      pending.set(task, { resolve, reject });
      thread.keepProcess(true);
    });
  }

  #nextMember(): Member {
    const [least] = [...this.#members].sort((a, b) => a.pending.size - b.pending.size);
    if (least && (least.pending.size === 0 || this.#members.size >= this.#options.workers)) return least;
    return this.#addMember();
  }

  #addMember(): Member {
    const pending = new Map<number, Pending>();
    const onReport = (report: MapMessage): void => {
      const call = pending.get(report.task);
      pending.delete(report.task);
      if (pending.size === 0) thread.keepProcess(false);
      if (report.type === 'mapped') call?.resolve(report.value);
      else call?.reject(decodeError(report.error));
    };
    const onDeath = (error: unknown): void => {
      this.#members.delete(member);
      for (const { reject } of pending.values()) reject(error);
    };
    const thread = new Thread<MapRequest, MapMessage>({ ...this.#options, entry: 'mapWorker' }, { onReport, onDeath });
    const member: Member = { thread, pending };
    this.#members.add(member);
    return member;
  }

  readonly #end = (): void => {
    for (const { thread } of this.#members) thread.terminate();
    this.#members.clear();
  };
}
