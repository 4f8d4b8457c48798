import { clearLine, cursorTo } from 'node:readline';
import { performance } from 'node:perf_hooks';
import type { WriteStream } from 'node:tty';

export interface DoneSoFar {
  /** `undefined` if the progress counts records. */
  readonly bytes?: number;
  readonly records?: number;
}

type Output = Pick<WriteStream, 'isTTY' | 'write'>;

const QUIET_MS = 2000;
const TERMINAL_MS = 500;
const PLAIN_MS = 30_000;

/** On a terminal, updates one line, starting after two seconds. Otherwise, writes a line every 30 seconds. */
export class Progress {
  readonly #output: Output;
  readonly #total: number | undefined;
  readonly #verb: 'read' | 'downloaded';
  readonly #startedAt = performance.now();
  #nextAt: number;
  #isShown = false;

  /** @param total - the bytes, or the records if {@link show} gets no bytes. `undefined` if it is unknown. */
  constructor(output: Output, total: number | undefined, verb: 'read' | 'downloaded' = 'read') {
    this.#output = output;
    this.#total = total;
    this.#verb = verb;
    this.#nextAt = this.#startedAt + (output.isTTY ? QUIET_MS : PLAIN_MS);
  }

  show({ bytes, records }: DoneSoFar): void {
    const now = performance.now();
    if (now < this.#nextAt) return;
    const { isTTY } = this.#output;
    this.#nextAt = now + (isTTY ? TERMINAL_MS : PLAIN_MS);
    const amount =
      bytes === undefined
        ? `${records ?? 0}${this.#of(records ?? 0, (count) => `${count} records`)}`
        : `${megabytes(bytes)}${this.#of(bytes, megabytes)}${records === undefined ? '' : `, ${records} records`}`;
    const text = `millrace: ${this.#verb} ${amount} in ${((now - this.#startedAt) / 1000).toFixed(0)} s`;
    this.clear();
    this.#output.write(isTTY ? text : `${text}\n`);
    this.#isShown = isTTY;
  }

  /** Removes the line. Call this before other output on the terminal. */
  clear(): void {
    if (!this.#isShown) return;
    this.#isShown = false;
    const stream = this.#output as WriteStream;
    cursorTo(stream, 0);
    clearLine(stream, 0);
  }

  #of(done: number, show: (amount: number) => string): string {
    if (this.#total === undefined) return '';
    return ` of ${show(this.#total)} (${((100 * done) / Math.max(1, this.#total)).toFixed(0)} %)`;
  }
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
