const NO_RECORD = new Uint8Array(0);

/**
 * Where a record has what a parser looks for, known by the bytes between: tags, lengths and keys. A record with the same
 * bytes there has the same lists in the same places, whatever values are in them.
 */
export class ExampleLayout {
  /** The row of the record that it was learned from. */
  row = 0;
  #record: Uint8Array = NO_RECORD;
  #isKnown = false;
  /** The start and the end of each part that may hold anything, in the order of the record. */
  readonly #free: number[] = [];

  /** Knows no layout, and holds no record, until one is begun. */
  forget(): void {
    this.#isKnown = false;
    this.#record = NO_RECORD;
  }

  /** Learns the layout of a record, of which all is told by {@link allowAny} before another is compared. */
  begin(record: Uint8Array, row: number): void {
    this.#isKnown = true;
    this.#record = record;
    this.row = row;
    this.#free.length = 0;
  }

  /** A part that may hold anything; it does not lie before those told so far. */
  allowAny(start: number, end: number): void {
    if (end > start) this.#free.push(start, end);
  }

  /** Whether a record is laid out like this. */
  isOf(record: Uint8Array): boolean {
    const learned = this.#record;
    if (!this.#isKnown || record.length !== learned.length) return false;
    const free = this.#free;
    let at = 0;
    for (let part = 0; part < free.length; part += 2) {
      const start = free[part] as number;
      for (; at < start; at++) if (record[at] !== learned[at]) return false;
      at = free[part + 1] as number;
    }
    for (; at < learned.length; at++) if (record[at] !== learned[at]) return false;
    return true;
  }
}
