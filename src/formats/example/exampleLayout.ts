const NO_RECORD = new Uint8Array(0);

/**
 * Compares a record with an earlier record, but ignores the bytes of the requested lists. If all other bytes (tags,
 * lengths and keys) are equal, the lists have the same positions in both records.
 */
export class ExampleLayout {
  row = 0;
  #record: Uint8Array = NO_RECORD;
  #isKnown = false;
  readonly #free: number[] = [];

  forget(): void {
    this.#isKnown = false;
    this.#record = NO_RECORD;
  }

  /**
   * Sets the record to compare with. Next, pass the position of each requested list to {@link allowAny}, then call
   * {@link isOf}.
   */
  begin(record: Uint8Array, row: number): void {
    this.#isKnown = true;
    this.#record = record;
    this.row = row;
    this.#free.length = 0;
  }

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
