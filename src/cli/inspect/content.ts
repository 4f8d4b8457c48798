import type { FormatError } from '../../base/errors.js';
import { describeName } from './describeValue.js';
import { grouped } from '../../base/grouped.js';
import type { RowSizes } from './rowSizes.js';
import type { SketchedRecords } from './sketch/dataSketch.js';

export interface Content {
  /** @returns a function that shows the record as text. */
  add(record: Uint8Array, position: RecordPosition): () => string;
  result(): ContentResult;
  /** Returns the statistics of the records that were added with `isSketched`. Call this after `result`. */
  sketched(): SketchedRecords;
}

export interface RecordPosition {
  readonly indexInFile: number;
  /** Only set if there are several files. */
  readonly path: string | undefined;
  /** True if the values of the record belong to the statistics. */
  readonly isSketched?: boolean;
}

/** Names a record in messages. Counts from 0. */
export function recordPlace({ indexInFile, path }: RecordPosition): string {
  return `record ${grouped(indexInFile)}${path === undefined ? '' : ` of ${describeName(path)}`}`;
}

/** Names a line in messages. Counts from 1. */
export function linePlace({ indexInFile, path }: RecordPosition): string {
  return `line ${grouped(indexInFile + 1)}${path === undefined ? '' : ` of ${describeName(path)}`}`;
}

/** A line of CSV. `place` returns its name for messages. */
export interface PlacedLine {
  readonly line: Uint8Array;
  readonly file: number;
  readonly indexInFile: number;
  readonly place: () => string;
  readonly isSketched?: boolean | undefined;
}

export interface ContentResult {
  readonly name: string;
  /** The operator that parses the records. */
  readonly decoder: string | null;
  /** The operator's first argument. */
  readonly features: unknown;
  /** The operator's options. Not set if the defaults are suitable. */
  readonly options?: Readonly<Record<string, unknown>>;
  readonly isBatchable: boolean;
  readonly header?: readonly string[];
  /**
   * The number of lines up to and including the header. Blank lines count. `undefined` if the files differ in this
   * number.
   */
  readonly skipLines?: number;
  /** Like `skipLines`, but blank lines do not count. */
  readonly skipFilled?: number;
  /** The sizes of the rows of CSV. Headers are not rows. */
  readonly rows?: RowSizes;
  /** True if there are blank lines, which parsers of lines reject. */
  readonly hasBlankLines?: boolean;
  /** The types of JSON fields. */
  readonly fields?: Readonly<Record<string, readonly string[]>>;
  readonly remarks: readonly string[];
  /** The error at the first record that no parser can read. */
  readonly error?: FormatError | undefined;
}
