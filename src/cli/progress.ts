import { clearLine, cursorTo } from 'node:readline';
import type { WriteStream } from 'node:tty';
import { grouped } from '../base/grouped.js';

export interface DoneSoFar {
  /** `undefined` if the progress counts records. */
  readonly bytes?: number;
  readonly records?: number;
  /** A text that is appended to the line. */
  readonly note?: string | undefined;
}

export interface ProgressOptions {
  /** The total number of bytes, or of records if {@link Progress.show} receives no bytes. `undefined` if unknown. */
  readonly total?: number | undefined;
  readonly verb?: 'read' | 'downloaded' | 'uploaded' | 'sent';
  readonly unit?: 'records' | 'items';
}

interface Amount {
  readonly done: number;
  readonly total: number | undefined;
  readonly unit: string;
  readonly digits: number;
}

type Output = Pick<WriteStream, 'isTTY' | 'write'> & { readonly columns?: number | undefined };

const QUIET_MS = 2000;
const TERMINAL_MS = 500;
const PLAIN_MS = 30_000;

/** On a terminal, updates one line after two seconds. Otherwise, writes a line every 30 seconds. */
export class Progress {
  readonly #output: Output;
  readonly #options: ProgressOptions;
  readonly #startedAt = performance.now();
  #nextAt: number;
  #isShown = false;

  constructor(output: Output, options: ProgressOptions) {
    this.#output = output;
    this.#options = options;
    this.#nextAt = this.#startedAt + (output.isTTY ? QUIET_MS : PLAIN_MS);
  }

  show(done: DoneSoFar): void {
    const now = performance.now();
    if (now < this.#nextAt) return;
    const { isTTY } = this.#output;
    this.#nextAt = now + (isTTY ? TERMINAL_MS : PLAIN_MS);
    const { verb = 'read' } = this.#options;
    const text = `millrace: ${verb} ${this.#describe(done, (now - this.#startedAt) / 1000)}`;
    this.clear();
    this.#output.write(isTTY ? this.#shortened(text) : `${text}\n`);
    this.#isShown = isTTY;
  }

  /** Call this before other output on the terminal. */
  clear(): void {
    if (!this.#isShown) return;
    this.#isShown = false;
    const stream = this.#output as WriteStream;
    cursorTo(stream, 0);
    clearLine(stream, 0);
  }

  /** A text of two lines could not be cleared. If `columns` is 0, the width is unknown. */
  #shortened(text: string): string {
    const { columns = 0 } = this.#output;
    const width = columns > 0 ? columns - 1 : Infinity;
    return text.length > width ? `${text.slice(0, width - 1)}…` : text;
  }

  #describe({ bytes, records, note }: DoneSoFar, seconds: number): string {
    const { total, unit = 'records' } = this.#options;
    const inRecords = { done: records ?? 0, total: bytes === undefined ? total : undefined, unit, digits: 0 };
    const amounts: Amount[] = records === undefined ? [] : [inRecords];
    if (bytes !== undefined) amounts.unshift({ done: bytes / 1e6, total: total && total / 1e6, unit: 'MB', digits: 1 });
    const rated = amounts.find((amount) => amount.total !== undefined) ?? amounts.at(-1) ?? inRecords;
    const rate = `${grouped(rated.done / seconds, rated.digits)} ${rated.unit}/s`;
    const left = rated.done > 0 && rated.total ? (seconds * (rated.total - rated.done)) / rated.done : undefined;
    const rest = left === undefined ? '' : `, ${left.toFixed(0)} s left`;
    return `${amounts.map(textOf).join(', ')} in ${seconds.toFixed(0)} s, ${rate}${rest}${note ? `; ${note}` : ''}`;
  }
}

function textOf({ done, total, unit, digits }: Amount): string {
  if (total === undefined) return `${grouped(done, digits)} ${unit}`;
  return `${grouped(done, digits)} of ${grouped(total, digits)} ${unit} (${((100 * done) / (total || 1)).toFixed(0)} %)`;
}
