import type { CHANNELS } from './epochPlan.js';
import { readSoakRecord } from './soakRecord.js';

/** What was seen where it should not have been, or not where it should. */
export class Violation extends Error {
  override readonly name = 'Violation';
}

/** One record of each channel, as they were zipped. */
export type Pair = Readonly<Record<(typeof CHANNELS)[number], Uint8Array>>;

/** What a {@link Ledger} knows of the epochs before they come. */
export interface LedgerOptions {
  /** How many records an epoch has on each channel. */
  readonly countOf: (epoch: number) => number;
  /** A record may come out at most so many places before the one that it went in at. */
  readonly shuffleBuffer: number;
}

/**
 * Keeps account of one epoch at a time: each of its records has to be seen once, in a pair with the other channel's of
 * the same number, before anything of the next epoch. Holds one bit a record of that epoch.
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

  /** The epoch that is being read. */
  get epoch(): number {
    return this.#epoch;
  }

  /** How many pairs of that epoch have been seen. */
  get pairsOfEpoch(): number {
    return this.#seen.count;
  }

  /** The sums over all epochs. */
  get totals(): { readonly pairs: number; readonly bytes: number; readonly epochs: number; readonly cuts: number } {
    return { pairs: this.#pairs, bytes: this.#bytes, epochs: this.#epoch, cuts: this.#cuts };
  }

  /** Takes a pair into account. Throws a Violation where it does not belong here. */
  take(pair: Pair): void {
    const [left, right] = [this.#identify(pair.left, 0), this.#identify(pair.right, 1)];
    if (left.epoch !== right.epoch || left.number !== right.number)
      throw this.#violation(`zipped ${JSON.stringify(left)} with ${JSON.stringify(right)}`);
    const { epoch, number } = left;
    while (epoch > this.#epoch) this.#end();
    if (epoch < this.#epoch)
      throw this.#violation(`record ${number} of epoch ${epoch} came after the end of that epoch`);
    if (number >= this.#seen.size) throw this.#violation(`record ${number} came, of ${this.#seen.size} that there are`);
    if (number >= this.#seen.count + this.#options.shuffleBuffer)
      throw this.#violation(`record ${number} came as the ${this.#seen.count}th, before it can have been read`);
    if (!this.#seen.add(number)) throw this.#violation(`record ${number} came twice`);
    this.#pairs++;
    this.#bytes += pair.left.length + pair.right.length;
  }

  /** Says that all epochs before this one have been read to their ends. Throws a Violation where a record is missing. */
  endBefore(epoch: number): void {
    while (this.#epoch < epoch) this.#end();
  }

  /** Says that the rest of this epoch will not come. */
  cut(): void {
    this.#cuts++;
    this.#begin(this.#epoch + 1);
  }

  #end(): void {
    const missing = this.#seen.firstMissing();
    if (missing !== undefined)
      throw this.#violation(`record ${missing} never came; ${this.#seen.count} of ${this.#seen.size} did`);
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
      throw new Error(`a record of channel ${channel} came out of channel ${expectedChannel}`);
    } catch (cause) {
      throw this.#violation((cause as Error).message);
    }
  }

  #violation(what: string): Violation {
    return new Violation(`epoch ${this.#epoch}, after ${this.#seen.count} pairs of it: ${what}`);
  }
}

/** Which of the numbers below `size` have been added. */
class Bitmap {
  readonly size: number;
  count = 0;
  readonly #bits: Uint8Array;

  constructor(size: number) {
    this.size = size;
    this.#bits = new Uint8Array(Math.ceil(size / 8));
  }

  /** Says whether it was not there before. */
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
