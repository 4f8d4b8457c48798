import { clearLine, cursorTo } from 'node:readline';
import { performance } from 'node:perf_hooks';
import type { WriteStream } from 'node:tty';

export interface DoneSoFar {
  readonly bytes: number;
  readonly records?: number;
}

type Output = Pick<WriteStream, 'isTTY' | 'write'>;

const QUIET_MS = 2000;
const TERMINAL_MS = 500;
const PLAIN_MS = 30_000;

/** On a terminal, updates one line, starting after two seconds. Otherwise, writes a line every 30 seconds. */
export class Progress {
  readonly #output: Output;
  readonly #totalBytes: number | undefined;
  readonly #verb: 'read' | 'downloaded';
  readonly #startedAt = performance.now();
  #nextAt: number;
  #isShown = false;

  /** @param totalBytes - `undefined` if the size of an input is unknown. */
  constructor(output: Output, totalBytes: number | undefined, verb: 'read' | 'downloaded' = 'read') {
    this.#output = output;
    this.#totalBytes = totalBytes;
    this.#verb = verb;
    this.#nextAt = this.#startedAt + (output.isTTY ? QUIET_MS : PLAIN_MS);
  }

  show({ bytes, records }: DoneSoFar): void {
    const now = performance.now();
    if (now < this.#nextAt) return;
    const { isTTY } = this.#output;
    this.#nextAt = now + (isTTY ? TERMINAL_MS : PLAIN_MS);
    const of = this.#totalBytes === undefined ? '' : ` of ${megabytes(this.#totalBytes)} (${this.#percent(bytes)} %)`;
    const seconds = ((now - this.#startedAt) / 1000).toFixed(0);
    const and = records === undefined ? '' : `, ${records} records`;
    const text = `millrace: ${this.#verb} ${megabytes(bytes)}${of}${and} in ${seconds} s`;
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

  #percent(bytes: number): string {
    return ((100 * bytes) / Math.max(1, this.#totalBytes ?? 1)).toFixed(0);
  }
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
