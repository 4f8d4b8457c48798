import { warn } from '../../base/warn.js';

const WARN_AFTER_MS = 60_000;

/** The state of an ordered merge. */
export interface Turn {
  readonly delivered: number;
  /** The index of the thread that the merge waits for, although another thread has an item. */
  readonly awaited: number | undefined;
}

/** Warns once if an ordered merge waits for one thread for a minute, although another thread has items. */
export class TurnWatch {
  readonly #name: string;
  readonly #read: () => Turn;
  #timer: NodeJS.Timeout | undefined;
  #delivered = 0;
  #hasWarned = false;

  constructor(name: string, read: () => Turn) {
    this.#name = name;
    this.#read = read;
  }

  /** Called when the merge waits. One timer serves many waits, because a timer for each item would be slow. */
  begin(): void {
    if (this.#timer || this.#hasWarned) return;
    this.#delivered = this.#read().delivered;
    this.#timer = setTimeout(this.#check, WARN_AFTER_MS).unref();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  readonly #check = (): void => {
    this.#timer = undefined;
    const { delivered, awaited } = this.#read();
    if (awaited === undefined) return;
    if (delivered !== this.#delivered) {
      this.begin();
      return;
    }
    this.#hasWarned = true;
    const message =
      `${this.#name}: worker ${awaited} has sent no item for ${WARN_AFTER_MS / 1000} seconds, and the items of the other ` +
      'workers wait for it, because they are emitted in turn. Make this worker emit or complete, or set ordered: false.';
    warn('MILLRACE_SILENT_WORKER', message);
  };
}
