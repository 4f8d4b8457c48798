import type { NDArray } from '../../arrays/ndarray.js';
import type { Features } from './features.js';
import type { ParsedExample, ParsedSingleExample } from './parsedFeatures.js';
import type { ParsedParts } from './parsedSequences.js';

/** The features to read from each `ExampleListWithContext`. Can be plain JSON. */
export interface ExampleListFeatures {
  /** The features of the query, by name. */
  readonly context: Features;
  /** The features of each example, by name. */
  readonly examples: Features;
  /**
   * The number of examples of each list. Longer lists are truncated. Default: the length of the longest list in the
   * batch.
   */
  readonly listSize?: number | undefined;
}

/** One parsed record. The first dimension of each feature in `examples` is the number of examples. */
export interface ParsedExampleList<F extends ExampleListFeatures> {
  readonly context: ParsedSingleExample<F['context']>;
  readonly examples: ParsedExample<F['examples']>;
  /** The number of examples in the record, of shape `[]`. */
  readonly sizes: NDArray<'int64'>;
}

/**
 * A parsed batch. In `examples`, the first dimension is the number of records, and the second is the number of
 * examples.
 */
export interface ParsedExampleLists<F extends ExampleListFeatures> {
  readonly context: ParsedExample<F['context']>;
  readonly examples: ParsedParts<F['examples']>;
  /** The number of examples in each record, before lists are truncated or padded. */
  readonly sizes: NDArray<'int64'>;
}
