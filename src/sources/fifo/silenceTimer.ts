/**
 * Detects that no data arrives for a certain time. Before a report, the event loop polls once more, because after
 * blocking work, a timer may fire although data is waiting.
 *
 * A pause of the consumer does not clear the timer, because a new timer for each chunk would be slow. Instead, the
 * timer restarts when it fires if the consumer was busy. So silence is detected after at most twice the limit.
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
