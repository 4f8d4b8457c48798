import { renameSync, writeFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { warn } from '../base/warn.js';

const LEAST_INTERVAL_MS = 1000;
/** At most a fiftieth of the time is spent on the file. */
const COST_FACTOR = 50;

/** A file that is written again at each end of a subscription, but not more often than once a second. */
export class ReportFile {
  readonly #path: string;
  readonly #contents: () => string;
  #nextAt = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(path: string, contents: () => string) {
    this.#path = path;
    this.#contents = contents;
  }

  /** Writes the file now or, if it was written lately, after some time or at the end of the process. */
  update(): void {
    if (this.#timer) return;
    const waitMs = this.#nextAt - performance.now();
    if (waitMs <= 0) {
      this.#write();
      return;
    }
    this.#timer = setTimeout(this.#write, waitMs).unref();
    process.once('exit', this.#write);
  }

  /** Writes the file now if it is not up to date. */
  flush(): void {
    if (this.#timer) this.#write();
  }

  readonly #write = (): void => {
    clearTimeout(this.#timer);
    process.off('exit', this.#write);
    this.#timer = undefined;
    const startedAt = performance.now();
    try {
      // A reader of the file finds the complete old or the complete new contents.
      const temporary = `${this.#path}.new`;
      writeFileSync(temporary, this.#contents());
      renameSync(temporary, this.#path);
    } catch (cause) {
      warn('MILLRACE_REPORT_FILE', `report: cannot write ${this.#path}: ${String(cause)}. Make the folder writable.`);
    }
    const now = performance.now();
    this.#nextAt = now + Math.max(LEAST_INTERVAL_MS, COST_FACTOR * (now - startedAt));
  };
}
