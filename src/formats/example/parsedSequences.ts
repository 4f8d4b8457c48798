import type { NDArray, NestedRaggedArray } from '../../arrays/ndarray.js';
import type { RaggedFeature, VarLenFeature } from './features.js';
import type { ParsedDType, ParsedExample, ParsedFeature, ParsedSingleExample } from './parsedFeatures.js';
import type { SequenceFeature, SequenceFeatures } from './sequenceExampleParser.js';

/** One parsed record. The first dimension of each sequence is the number of steps. */
export interface ParsedSequenceExample<F extends SequenceFeatures> {
  readonly context: ParsedSingleExample<F['context']>;
  readonly sequence: { readonly [K in keyof F['sequence']]: ParsedFeature<F['sequence'][K]> };
}

/**
 * A parsed batch. The first dimension of each sequence is the number of records, and the second is the number of steps.
 */
export interface ParsedSequenceExamples<F extends SequenceFeatures> {
  readonly context: ParsedExample<F['context']>;
  /** `fixedLenSequence`, `raw` and `tensor` features are padded with 0 or empty bytes. */
  readonly sequence: { readonly [K in keyof F['sequence']]: ParsedSequences<F['sequence'][K]> };
  /** For each padded sequence, the number of steps of each record. */
  readonly lengths: {
    readonly [
      K in keyof F['sequence'] as F['sequence'][K] extends VarLenFeature | RaggedFeature ? never : K
    ]: NDArray<'int64'>;
  };
}

/** The parsed type of a sequence in a batch. */
export type ParsedSequences<F extends SequenceFeature> = F extends RaggedFeature
  ? NestedRaggedArray<ParsedDType<F>>
  : ParsedFeature<F>;
