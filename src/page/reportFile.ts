import { resolve } from 'node:path';
import { reasonOfFailure } from '../base/reasonOfFailure.js';
import { replaceFile } from '../base/replaceFile.js';
import { warn } from '../base/warn.js';

const LEAST_INTERVAL_MS = 1000;
/** At most a fiftieth of the time is spent on the file. */
const COST_FACTOR = 50;

/** The functions to call when the process exits. All use one listener, because Node.js warns about more than ten. */
const pending = new Set<() => void>();

function writePending(): void {
  for (const write of pending) write();
}

function addPending(write: () => void): void {
  if (pending.size === 0) process.on('exit', writePending);
  pending.add(write);
}

function removePending(write: () => void): void {
  pending.delete(write);
  if (pending.size === 0) process.off('exit', writePending);
}

/** For each path, the symbol of the `ReportFile` that used it last. */
const writers = new Map<string, symbol>();

/** A file that is written again at each end of a subscription, but not more often than once a second. */
export class ReportFile {
  readonly #path: string;
  readonly #contents: () => string;
  readonly #writer = Symbol('writer');
  #isShared = false;
  #open = 0;
  #nextAt = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(path: string, contents: () => string) {
    this.#path = resolve(path);
    this.#contents = contents;
  }

  /** Called when a subscription begins. The file is written even if the process ends during the subscription. */
  begin(): void {
    this.#open++;
    addPending(this.#write);
    const writer = writers.get(this.#path) ?? this.#writer;
    if (writer !== this.#writer && !this.#isShared) {
      this.#isShared = true;
      const remedy = 'Each report replaces the contents of the other one. Use a different file for each report.';
      warn('MILLRACE_REPORT_FILE', `report: another report writes ${this.#path} too. ${remedy}`);
    }
    writers.set(this.#path, this.#writer);
  }

  /**
   * Called when a subscription has ended. Writes the file now. If the last write was too recent, writes it later, at
   * the latest when the process exits.
   */
  end(): void {
    this.#open--;
    if (this.#timer) return;
    const waitMs = this.#nextAt - performance.now();
    if (waitMs <= 0) {
      this.#write();
      return;
    }
    this.#timer = setTimeout(this.#write, waitMs).unref();
  }

  /** Writes the file now if it is not up to date. */
  flush(): void {
    if (this.#timer) this.#write();
  }

  readonly #write = (): void => {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#open === 0) removePending(this.#write);
    const startedAt = performance.now();
    try {
      replaceFile(this.#path, this.#contents());
    } catch (cause) {
      const remedy = 'Choose a file in a writable folder, on a disk with free space.';
      warn('MILLRACE_REPORT_FILE', `report: cannot write ${this.#path}: ${reasonOfFailure(cause)}. ${remedy}`);
    }
    const now = performance.now();
    this.#nextAt = now + Math.max(LEAST_INTERVAL_MS, COST_FACTOR * (now - startedAt));
  };
}
