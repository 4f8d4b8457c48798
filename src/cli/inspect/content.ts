/** Examines the records of an input one by one, and finds their type. */
export interface Content {
  /**
   * Examines the next record.
   *
   * @returns a function that returns the record as text.
   */
  add(record: Uint8Array, position: RecordPosition): () => string;
  /** The result, from the records so far. */
  result(): ContentResult;
}

/** The place of a record. */
export interface RecordPosition {
  readonly recordIndex: number;
  /** The number of records before it in its file. */
  readonly indexInFile: number;
  /** The file's path, if there are several. */
  readonly path: string | undefined;
}

/** The type of the records, and how to read them. */
export interface ContentResult {
  readonly name: string;
  /** The operator that parses them; `null` if there is none. */
  readonly decoder: string | null;
  /** The first argument of that operator. */
  readonly features: unknown;
  /** The second argument of that operator, if its defaults do not fit. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** Whether the operator can read batches. */
  readonly isBatchable: boolean;
  /** The names of the columns, if the first line is a header. */
  readonly header?: readonly string[];
  /** The fields of JSON lines, with the types of their values. */
  readonly fields?: Readonly<Record<string, readonly string[]>>;
  readonly remarks: readonly string[];
  /** The error of the first record that no parser can read, if any. */
  readonly error?: Error | undefined;
}
