/**
 * Notices when nothing has been heard for a while.
 *
 * A timer may fire late, after work that blocked the thread, with data waiting all the time. So when it has fired, the
 * event loop polls once more before silence is believed.
 *
 * Pausing leaves the timer where it is, to be ignored when it fires: a source that pauses at every chunk costs no timer
 * each.
 *
 * Silence counts only while the consumer waits. If the consumer was busy meanwhile, the time starts again when the
 * timer fires, so silence is noticed after at most twice the limit.
 */
export class SilenceTimer {
  readonly #limitMs: number;
  readonly #onSilence: () => void;
  readonly #consumerWait: () => number | undefined;
  #wait: number | undefined;
  #isListening = false;
  #timer: NodeJS.Timeout | undefined;
  #check: NodeJS.Immediate | undefined;

  /** @param consumerWait - the `consumerWait` of a `Gate`. Default: the consumer always waits. */
  constructor(limitMs: number, onSilence: () => void, consumerWait: () => number | undefined = () => 0) {
    this.#limitMs = limitMs;
    this.#onSilence = onSilence;
    this.#consumerWait = consumerWait;
  }

  /** Begins, or begins anew, to wait. */
  listen(): void {
    this.pause();
    this.#isListening = true;
    this.#wait = this.#consumerWait();
    if (this.#timer) this.#timer.refresh();
    else this.#timer = setTimeout(this.#pollOnceMore, this.#limitMs);
  }

  /** Waits no longer, for now. */
  pause(): void {
    this.#isListening = false;
    if (this.#check) clearImmediate(this.#check);
    this.#check = undefined;
  }

  /** Waits no longer, and lets go of the timer. */
  stop(): void {
    this.pause();
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  readonly #pollOnceMore = (): void => {
    if (this.#isListening) this.#check = setImmediate(this.#judge);
  };

  readonly #judge = (): void => {
    const wait = this.#consumerWait();
    if (wait !== undefined && wait === this.#wait) this.#onSilence();
    else this.listen();
  };
}
