import type { Draw } from '../support/poisonedChunks.js';

/** The text of bad data. */
export const FAILURE = 'error';

/** What one call is given: a record, the records of a batch, lines, or a whole file. */
export type Input = readonly Uint8Array[];

/** A question to both sides: what is called with which arguments, on several inputs. */
export interface Trial {
  /** The operation and its arguments, as `oracle.py` reads them. */
  readonly question: { readonly op: string; readonly [argument: string]: unknown };
  readonly inputs: readonly Input[];
  /** What this package reads, as text that shows every bit of it. Throws a FormatError for bad data. */
  readonly read: (input: Input) => string;
}

/** A kind of data that both sides read. */
export interface Kind {
  readonly draw: (draw: Draw) => Trial;
  /** The name of a deliberate difference; `undefined` if the two may not differ so. */
  readonly nameDifference: (found: Difference) => string | undefined;
}

/** An input that the two sides read differently. Bad data are {@link FAILURE}. */
export interface Difference {
  readonly trial: Trial;
  readonly input: Input;
  readonly ours: string;
  readonly theirs: string;
  /** What TensorFlow said. */
  readonly detail: string | undefined;
}
