import type { CHANNELS } from './epochPlan.js';
import { readSoakRecord } from './soakRecord.js';

/** A record is missing, or arrived at the wrong position. */
export class Violation extends Error {
  override readonly name = 'Violation';
}

export type Pair = Readonly<Record<(typeof CHANNELS)[number], Uint8Array>>;

export interface LedgerOptions {
  readonly countOf: (epoch: number) => number;
  /** A record may arrive at most this many records early. */
  readonly shuffleBuffer: number;
}

/**
 * Checks the records of one epoch at a time. Each record must arrive once, before any record of the next epoch,
 * together with the record of the same number in the second channel. Memory: one bit for each record of the epoch.
 */
export class Ledger {
  readonly #options: LedgerOptions;
  #epoch = 0;
  #seen = new Bitmap(0);
  #pairs = 0;
  #bytes = 0;
  #cuts = 0;

  constructor(options: LedgerOptions) {
    this.#options = options;
    this.#begin(0);
  }

  get epoch(): number {
    return this.#epoch;
  }

  get pairsOfEpoch(): number {
    return this.#seen.count;
  }

  get totals(): { readonly pairs: number; readonly bytes: number; readonly epochs: number; readonly cuts: number } {
    return { pairs: this.#pairs, bytes: this.#bytes, epochs: this.#epoch, cuts: this.#cuts };
  }

  take(pair: Pair): void {
    const [left, right] = [this.#identify(pair.left, 0), this.#identify(pair.right, 1)];
    if (left.epoch !== right.epoch || left.number !== right.number)
      throw this.#violation(`zipped ${JSON.stringify(left)} with ${JSON.stringify(right)}`);
    const { epoch, number } = left;
    while (epoch > this.#epoch) this.#end();
    if (epoch < this.#epoch)
      throw this.#violation(`record ${number} of epoch ${epoch} arrived after the end of its epoch`);
    if (number >= this.#seen.size)
      throw this.#violation(`record ${number} arrived, but the epoch has only ${this.#seen.size} records`);
    if (number >= this.#seen.count + this.#options.shuffleBuffer)
      throw this.#violation(
        `record ${number} arrived after ${this.#seen.count} records, too early for the shuffle buffer`,
      );
    if (!this.#seen.add(number)) throw this.#violation(`record ${number} arrived twice`);
    this.#pairs++;
    this.#bytes += pair.left.length + pair.right.length;
  }

  endBefore(epoch: number): void {
    while (this.#epoch < epoch) this.#end();
  }

  /** Ends the current epoch early. The remaining records of the epoch are not expected. */
  cut(): void {
    this.#cuts++;
    this.#begin(this.#epoch + 1);
  }

  #end(): void {
    const missing = this.#seen.firstMissing();
    if (missing !== undefined)
      throw this.#violation(
        `record ${missing} never arrived; ${this.#seen.count} of ${this.#seen.size} records ` + 'arrived',
      );
    this.#begin(this.#epoch + 1);
  }

  #begin(epoch: number): void {
    this.#epoch = epoch;
    this.#seen = new Bitmap(this.#options.countOf(epoch));
  }

  #identify(record: Uint8Array, expectedChannel: number) {
    try {
      const { channel, ...place } = readSoakRecord(record);
      if (channel === expectedChannel) return place;
      throw new Error(`a record of channel ${channel} arrived on channel ${expectedChannel}`);
    } catch (cause) {
      throw this.#violation((cause as Error).message);
    }
  }

  #violation(problem: string): Violation {
    return new Violation(`epoch ${this.#epoch}, after ${this.#seen.count} pairs: ${problem}`);
  }
}

class Bitmap {
  readonly size: number;
  count = 0;
  readonly #bits: Uint8Array;

  constructor(size: number) {
    this.size = size;
    this.#bits = new Uint8Array(Math.ceil(size / 8));
  }

  add(number: number): boolean {
    const byte = this.#bits[number >> 3] ?? 0;
    const bit = 1 << (number & 7);
    if (byte & bit) return false;
    this.#bits[number >> 3] = byte | bit;
    this.count++;
    return true;
  }

  firstMissing(): number | undefined {
    if (this.count === this.size) return undefined;
    for (let number = 0; number < this.size; number++) {
      if (!((this.#bits[number >> 3] ?? 0) & (1 << (number & 7)))) return number;
    }
    return undefined;
  }
}
