import type { FormatError } from '../../base/errors.js';
import { describeName } from './describeValue.js';
import { grouped } from './shares.js';

/** Examines the records of an input one by one, and finds their type. */
export interface Content {
  /**
   * Examines the next record.
   *
   * @returns a function that returns the record as text.
   */
  add(record: Uint8Array, position: RecordPosition): () => string;
  result(): ContentResult;
}

export interface RecordPosition {
  /** The number of records before it in its file. */
  readonly indexInFile: number;
  /** The path of the file if there are several files. */
  readonly path: string | undefined;
}

/** Returns the name of a record for messages: `record 3 of b.tfrecord`. Records count from 0. */
export function recordPlace({ indexInFile, path }: RecordPosition): string {
  return `record ${grouped(indexInFile)}${path === undefined ? '' : ` of ${describeName(path)}`}`;
}

/** Returns the name of a line for messages: `line 4 of b.csv`. Lines count from 1. */
export function linePlace({ indexInFile, path }: RecordPosition): string {
  return `line ${grouped(indexInFile + 1)}${path === undefined ? '' : ` of ${describeName(path)}`}`;
}

/** The type of the records, and how to read them. */
export interface ContentResult {
  readonly name: string;
  /** The operator that parses the records. `null` if there is no such operator. */
  readonly decoder: string | null;
  /** The first argument of that operator. */
  readonly features: unknown;
  /** The second argument of that operator. Absent if the defaults fit. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** Whether that operator can parse batches. */
  readonly isBatchable: boolean;
  /** The names of the columns, if the first line is a header. */
  readonly header?: readonly string[];
  /** Whether some lines are blank. A parser of lines fails on them. */
  readonly hasBlankLines?: boolean;
  /** The fields of JSON lines, with the types of their values. */
  readonly fields?: Readonly<Record<string, readonly string[]>>;
  readonly remarks: readonly string[];
  /** The error of the first record that no parser can read, if any. */
  readonly error?: FormatError | undefined;
}
