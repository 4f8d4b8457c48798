/** What is found out about the records of an input, one after the other. */
export interface Content {
  /**
   * Takes the next record.
   *
   * @returns how to show it.
   */
  add(record: Uint8Array, position: RecordPosition): () => string;
  /** The result, from the records so far. */
  result(): ContentResult;
}

/** Where a record is. */
export interface RecordPosition {
  readonly recordIndex: number;
  /** How many records of its file are before it. */
  readonly indexInFile: number;
  /** The file's path, if there are several. */
  readonly path: string | undefined;
}

/** What the records are, and how to read them. */
export interface ContentResult {
  readonly name: string;
  /** The operator that parses them; `null` if there is none. */
  readonly decoder: string | null;
  /** The first argument of that operator. */
  readonly features: unknown;
  /** The second argument of that operator, if its defaults do not do. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** Whether the operator can read batches. */
  readonly isBatchable: boolean;
  /** The names in the first line, which is then no data. */
  readonly header?: readonly string[];
  /** The fields of lines of JSON, with the types of their values. */
  readonly fields?: Readonly<Record<string, readonly string[]>>;
  readonly remarks: readonly string[];
  /** What no parser can read, if there is such. */
  readonly error?: Error | undefined;
}
