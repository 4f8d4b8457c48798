import { Worker, type ResourceLimits } from 'node:worker_threads';
import { MillraceError } from '../../base/errors.js';
import { decodeError } from '../crossing/encodeError.js';
import type { ThreadMessage, WorkerSetup } from '../crossing/protocol.js';
import { besideOf, workerModule } from './workerModule.js';

/** What a {@link Thread} is started with. */
export interface ThreadOptions extends Omit<WorkerSetup, 'entry' | 'typescriptLoader' | 'module' | 'isUnwanted'> {
  /** The file of this folder that runs in it. */
  readonly entry: string;
  readonly module: URL;
  readonly resourceLimits?: ResourceLimits | undefined;
}

/** What a {@link Thread} tells of itself. */
export interface ThreadListener<Report> {
  readonly onReport: (report: Report) => void;
  /** It has ended by itself, and nothing more will come of it. Not called after `terminate`. */
  readonly onDeath: (error: unknown) => void;
}

/** The longest wait for a module that loads. It may block its thread, or wait for ever. */
const LOADING_TIMEOUT_MS = 30_000;

/**
 * A worker thread of ours: it runs a module of the user's, and speaks one of the protocols. It keeps the process alive
 * only if `keepProcess` says so.
 */
export class Thread<Request, Report extends { readonly type: string }> {
  readonly #worker: Worker;
  /** Resolves when it has ended. */
  readonly ended: Promise<void>;
  readonly #name: string;
  readonly #module: URL;
  readonly #listener: ThreadListener<Report>;
  readonly #isUnwanted = new Int32Array(new SharedArrayBuffer(4));
  #isLoading = true;
  #isOver = false;
  #uncaught: { readonly error: unknown } | undefined;

  constructor({ entry, module, resourceLimits, ...setup }: ThreadOptions, listener: ThreadListener<Report>) {
    const { url, typescriptLoader } = workerModule(module, setup.name);
    const entryUrl = besideOf(import.meta.url, `../inside/${entry}`).href;
    const workerData: WorkerSetup = {
      ...{ ...setup, entry: entryUrl, typescriptLoader, module: url },
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
      // Node would close the numbers of FIFOs that a socket has closed already, and that others may have by then.
      trackUnmanagedFds: false,
    })
      .on('message', this.#receive)
      .on('messageerror', (cause) => this.#die(`sent what cannot be received here: ${String(cause)}`, cause))
      .on('error', (error) => (this.#uncaught = { error }))
      .on('exit', this.#exited);
    this.#worker.unref();
    this.ended = new Promise((resolve) => this.#worker.once('exit', () => resolve()));
  }

  /** Sends a request, and moves what is in `transfer`. */
  send(request: Request, transfer: readonly ArrayBuffer[] = []): void {
    this.#worker.postMessage(request, transfer);
  }

  /** Says whether it keeps the process from ending. */
  keepProcess(isWanted: boolean): void {
    if (isWanted) this.#worker.ref();
    else this.#worker.unref();
  }

  /** Whether it has not yet loaded its module. */
  get isLoading(): boolean {
    return this.#isLoading;
  }

  /**
   * Ends the thread at once, or as soon as its module has loaded. If a thread is ended while it loads, the descriptors
   * of the modules' files stay open in the process.
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
      if (this.#isOver) this.terminate();
    }
    if (this.#isOver) return;
    if (isOwn(report)) this.#receiveOwn(report);
    else this.#listener.onReport(report);
  };

  #receiveOwn(report: ThreadMessage): void {
    if (report.type === 'unusable') this.#dieOf(decodeError(report.error));
    if (report.type === 'warning') process.emitWarning(report.message, { type: report.kind, code: report.code });
  }

  readonly #exited = (exitCode: number): void => {
    const { error } = this.#uncaught ?? {};
    this.#die(this.#uncaught ? `of an uncaught error: ${String(error)}` : `with exit code ${exitCode}`, error);
  };

  #die(how: string, cause: unknown): void {
    const message = `${this.#name}: the worker thread of ${this.#module.href} has ended ${how}. `;
    this.#dieOf(new MillraceError(message + remedyOf(cause), { code: 'ERR_WORKER', cause }));
  }

  #dieOf(error: unknown): void {
    if (this.#isOver) return;
    this.terminate();
    this.#listener.onDeath(error);
  }
}

function isOwn(report: ThreadMessage | { readonly type: string }): report is ThreadMessage {
  return report.type === 'loaded' || report.type === 'unusable' || report.type === 'warning';
}

function remedyOf(cause: unknown): string {
  const { code } = (cause ?? {}) as { readonly code?: unknown };
  if (code === 'ERR_WORKER_OUT_OF_MEMORY') {
    return 'Its memory is full: hold less in the pipeline (shuffle, cache, batches), or raise resourceLimits.';
  }
  return 'The module, or what it imports, must catch its errors and must not call process.exit.';
}
