import type { ThreadUsage } from '../../demand/observer.js';
import { decodeError } from '../crossing/encodeError.js';
import { sendItem } from '../crossing/packItem.js';
import type { MapMessage, MapRequest } from '../crossing/protocol.js';
import { Thread, type ThreadOptions } from './thread.js';

export interface WorkerPoolOptions extends Omit<ThreadOptions, 'entry'> {
  readonly workers: number;
  readonly idleTimeoutMs: number;
}

interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

interface Member {
  readonly thread: Thread<MapRequest, MapMessage>;
  readonly pending: Map<number, Pending>;
  /** The smallest number that no other member has. */
  readonly index: number;
  results: number;
}

/**
 * Threads that run a pure function, start on demand, and end `idleTimeoutMs` after the last `release`. A thread that
 * ends unexpectedly is replaced. A thread keeps the process alive only while a subscriber waits for a result.
 *
 * The pool has no queue, so callers must limit their calls. A thread may receive its next call while it works on the
 * current one.
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

  retain(): void {
    this.#users++;
    clearTimeout(this.#idle);
  }

  /** Call this once for each `retain`, when no result of a pending call is needed. */
  release(): void {
    if (--this.#users > 0) return;
    for (const { thread } of this.#members) thread.keepProcess(false);
    this.#idle = setTimeout(this.#end, this.#options.idleTimeoutMs).unref();
  }

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

  threads(): readonly ThreadUsage[] {
    return Array.from(this.#members, ({ thread, pending, index, results }) => {
      return { thread, name: `thread ${index}`, items: results, held: pending.size, ...thread.times() };
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
      member.results++;
      if (pending.size === 0) thread.keepProcess(false);
      if (report.type === 'mapped') call?.resolve(report.value);
      else call?.reject(decodeError(report.error));
    };
    const onFailure = (error: unknown): void => {
      this.#members.delete(member);
      for (const { reject } of pending.values()) reject(error);
    };
    const thread = new Thread<MapRequest, MapMessage>(
      { ...this.#options, entry: 'mapWorker' },
      { onReport, onFailure },
    );
    const indices = new Set(Array.from(this.#members, (other) => other.index));
    let index = 0;
    while (indices.has(index)) index++;
    const member: Member = { thread, pending, index, results: 0 };
    this.#members.add(member);
    return member;
  }

  readonly #end = (): void => {
    for (const { thread } of this.#members) thread.terminate();
    this.#members.clear();
  };
}
