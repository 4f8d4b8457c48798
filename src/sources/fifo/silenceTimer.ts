/**
 * Reports that no data has arrived for a certain time. When the timer fires, first waits until the event loop has read
 * arrived data, because blocking work may delay the reading.
 *
 * The timer also runs while the consumer is busy, because a new timer for each chunk would be slow. If the timer fires
 * and the consumer was busy, the timer starts again.
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

  listen(): void {
    this.pause();
    this.#isListening = true;
    this.#wait = this.#consumerWait();
    if (this.#timer) this.#timer.refresh();
    else this.#timer = setTimeout(this.#pollOnceMore, this.#limitMs);
  }

  pause(): void {
    this.#isListening = false;
    if (this.#check) clearImmediate(this.#check);
    this.#check = undefined;
  }

  stop(): void {
    this.pause();
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  readonly #pollOnceMore = (): void => {
    if (this.#isListening) this.#check = setImmediate(this.#decide);
  };

  readonly #decide = (): void => {
    const wait = this.#consumerWait();
    if (wait !== undefined && wait === this.#wait) this.#onSilence();
    else this.listen();
  };
}
