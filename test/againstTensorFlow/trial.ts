import type { Draw } from '../support/poisonedChunks.js';

/** The result for bad data. */
export const FAILURE = 'error';

/** The input of one call: a record, a batch of records, lines, or a whole file. */
export type Input = readonly Uint8Array[];

/** One question to both sides, for several inputs. */
export interface Trial {
  /** The operation and its arguments, for `oracle.py`. */
  readonly question: { readonly op: string; readonly [argument: string]: unknown };
  readonly inputs: readonly Input[];
  /** Returns a text that shows every bit of this package's result. Throws a FormatError for bad data. */
  readonly read: (input: Input) => string;
}

/** A kind of data that both sides read. */
export interface Kind {
  readonly draw: (draw: Draw) => Trial;
  /** Returns the name of a deliberate difference, or `undefined` for a fault. */
  readonly nameDifference: (found: Difference) => string | undefined;
}

/** An input with different results. The result for bad data is {@link FAILURE}. */
export interface Difference {
  readonly trial: Trial;
  readonly input: Input;
  readonly ours: string;
  readonly theirs: string;
  /** TensorFlow's error. */
  readonly detail: string | undefined;
}
