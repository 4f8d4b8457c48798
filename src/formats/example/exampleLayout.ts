const NO_RECORD = new Uint8Array(0);

/**
 * The positions of the requested parts of a record, with the bytes between them: tags, lengths and keys. A record with
 * equal bytes there has its lists at the same positions.
 */
export class ExampleLayout {
  /** The row that it was learned from. */
  row = 0;
  #record: Uint8Array = NO_RECORD;
  #isKnown = false;
  /** Start and end of each variable part, in order. */
  readonly #free: number[] = [];

  forget(): void {
    this.#isKnown = false;
    this.#record = NO_RECORD;
  }

  /** Begins to learn a record's layout. Call {@link allowAny} for all parts before comparing another record. */
  begin(record: Uint8Array, row: number): void {
    this.#isKnown = true;
    this.#record = record;
    this.row = row;
    this.#free.length = 0;
  }

  /** Marks a variable part. Call in rising order. */
  allowAny(start: number, end: number): void {
    if (end > start) this.#free.push(start, end);
  }

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
