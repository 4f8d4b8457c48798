import { Worker, type ResourceLimits } from 'node:worker_threads';
import { DIAGNOSTICS } from '../../base/diagnostics.js';
import { MillraceError } from '../../base/errors.js';
import { threadGroups, type ThreadGroup } from '../../base/threadGroups.js';
import type { ThreadUsage } from '../../demand/observer.js';
import { decodeError } from '../crossing/encodeError.js';
import type { ThreadMessage, WorkerSetup } from '../crossing/protocol.js';
import { siblingUrl, workerModule } from './workerModule.js';

type SetByThread = 'entry' | 'typescriptLoader' | 'module' | 'groups' | 'isUnwanted';

export interface ThreadOptions extends Omit<WorkerSetup, SetByThread> {
  readonly entry: string;
  readonly module: URL;
  readonly group?: ThreadGroup | undefined;
  readonly resourceLimits?: ResourceLimits | undefined;
}

export interface ThreadListener<Report> {
  readonly onReport: (report: Report) => void;
  /** Called if the thread fails, but not after `terminate`. */
  readonly onFailure: (error: unknown) => void;
}

export type ThreadTimes = Pick<ThreadUsage, 'workMs' | 'waitMs'>;

/** The exit code of Node.js if nothing can settle a top-level await. */
const UNSETTLED_AWAIT = 13;

/** Loading may block the thread or never finish. */
const LOADING_TIMEOUT_MS = 30_000;

/** A worker thread. Keeps the process alive only after `keepProcess(true)`. */
export class Thread<Request, Report extends { readonly type: string }> {
  readonly #worker: Worker;
  readonly ended: Promise<void>;
  readonly #name: string;
  readonly #module: URL;
  readonly #listener: ThreadListener<Report>;
  readonly #isUnwanted = new Int32Array(new SharedArrayBuffer(4));
  #isLoading = true;
  #hasLoaded = false;
  #isOver = false;
  #uncaught: { readonly error: unknown } | undefined;

  constructor({ entry, module, group, resourceLimits, ...setup }: ThreadOptions, listener: ThreadListener<Report>) {
    const { url, typescriptLoader } = workerModule(module, setup.name);
    const entryUrl = siblingUrl(import.meta.url, `../inside/${entry}`).href;
    const workerData: WorkerSetup = {
      ...{ ...setup, entry: entryUrl, typescriptLoader, module: url },
      groups: group ? [...threadGroups(), group] : threadGroups(),
      isUnwanted: this.#isUnwanted,
    };
    this.#name = setup.name;
    this.#module = module;
    this.#listener = listener;
    this.#worker = new Worker(new URL('../inside/bootstrap.js', import.meta.url), {
      name: setup.name,
      workerData,
      env: process.env,
      resourceLimits,
      // If true, Node.js could close a descriptor that a socket has already closed and that now belongs to a different
      // file.
      trackUnmanagedFds: false,
    })
      .on('message', this.#receive)
      .on('messageerror', (cause) => this.#fail(`after a message that cannot be received: ${String(cause)}`, cause))
      .on('error', (error) => (this.#uncaught = { error }))
      .on('exit', this.#exited);
    this.#publish({ event: 'start' });
    this.#worker.unref();
    this.ended = new Promise((resolve) => this.#worker.once('exit', () => resolve()));
  }

  send(request: Request, transfer: readonly ArrayBuffer[] = []): void {
    this.#worker.postMessage(request, transfer);
  }

  keepProcess(isWanted: boolean): void {
    if (isWanted) this.#worker.ref();
    else this.#worker.unref();
  }

  /** The thread works while its event loop is not idle. */
  times(): ThreadTimes {
    const { active: workMs, idle: waitMs } = this.#worker.performance.eventLoopUtilization();
    return { workMs, waitMs };
  }

  get isLoading(): boolean {
    return this.#isLoading;
  }

  /** False if the module could not be loaded. */
  get hasLoaded(): boolean {
    return this.#hasLoaded;
  }

  /**
   * If the module is still loading, first waits for it, because otherwise descriptors of module files would stay open.
   */
  terminate(): void {
    this.#isOver = true;
    if (!this.#isLoading) {
      void this.#worker.terminate();
      return;
    }
    this.keepProcess(false);
    Atomics.store(this.#isUnwanted, 0, 1);
    const limit = setTimeout(() => void this.#worker.terminate(), LOADING_TIMEOUT_MS).unref();
    void this.ended.then(() => clearTimeout(limit));
  }

  readonly #receive = (report: ThreadMessage | Report): void => {
    if (report.type === 'loaded' || report.type === 'unusable') {
      this.#isLoading = false;
      this.#hasLoaded = report.type === 'loaded';
      if (this.#isOver) this.terminate();
    }
    if (this.#isOver) return;
    if (isOwn(report)) this.#receiveOwn(report);
    else this.#listener.onReport(report);
  };

  #receiveOwn(report: ThreadMessage): void {
    if (report.type === 'unusable') this.#failWith(decodeError(report.error));
    if (report.type === 'warning') process.emitWarning(report.message, { type: report.kind, code: report.code });
  }

  readonly #exited = (exitCode: number): void => {
    this.#publish({ event: 'exit', exitCode });
    const { error } = this.#uncaught ?? {};
    if (exitCode === UNSETTLED_AWAIT && !this.#hasLoaded) {
      const reason = `a top-level await in ${this.#module.href} or its imports never settles (exit code ${exitCode}).`;
      const remedy = 'Resolve the awaited promise, or wait in the pipeline instead, for example with defer().';
      this.#failWith(new MillraceError(`${this.#name}: ${reason} ${remedy}`, { code: 'ERR_WORKER' }));
      return;
    }
    this.#fail(this.#uncaught ? `because of an uncaught error: ${String(error)}` : `with exit code ${exitCode}`, error);
  };

  #publish(event: { readonly event: 'start' } | { readonly event: 'exit'; readonly exitCode: number }): void {
    if (!DIAGNOSTICS.worker.hasSubscribers) return;
    DIAGNOSTICS.worker.publish({ name: this.#name, module: this.#module.href, ...event });
  }

  #fail(reason: string, cause: unknown): void {
    const message = `${this.#name}: the worker thread of ${this.#module.href} has ended ${reason}. `;
    this.#failWith(new MillraceError(message + remedyOf(cause), { code: 'ERR_WORKER', cause }));
  }

  #failWith(error: unknown): void {
    if (this.#isOver) return;
    this.terminate();
    this.#listener.onFailure(error);
  }
}

function isOwn(report: ThreadMessage | { readonly type: string }): report is ThreadMessage {
  return report.type === 'loaded' || report.type === 'unusable' || report.type === 'warning';
}

function remedyOf(cause: unknown): string {
  const { code } = (cause ?? {}) as { readonly code?: unknown };
  if (code === 'ERR_WORKER_OUT_OF_MEMORY') {
    return 'The memory of the worker is full: use smaller buffers in the pipeline (shuffle(), cache(), batch()), or increase resourceLimits.';
  }
  return 'The module and its imports must catch their errors and must not call process.exit.';
}
