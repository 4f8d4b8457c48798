import type { NDArray, NestedRaggedArray } from '../../arrays/ndarray.js';
import type {
  Feature,
  Features,
  FixedLenSequenceFeature,
  RaggedFeature,
  RawFeature,
  TensorFeature,
  VarLenFeature,
} from './features.js';
import type { ParsedDType, ParsedExample, ParsedFeature, ParsedSingleExample } from './parsedFeatures.js';

/** A feature of each step. `shape` is the shape of one step. */
export type SequenceFeature =
  | (Omit<FixedLenSequenceFeature, 'default'> & { readonly default?: undefined })
  | VarLenFeature
  | RaggedFeature
  | (Omit<RawFeature, 'default'> & { readonly default?: undefined })
  | TensorFeature;

/** The features to read from each `tf.train.SequenceExample`. Can be plain JSON. */
export interface SequenceFeatures {
  /** The features of the whole record, by name. */
  readonly context: Features;
  /** The features of each step, by name. */
  readonly sequence: Readonly<Record<string, SequenceFeature>>;
}

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
  readonly sequence: ParsedParts<F['sequence']>;
  /** For each padded sequence, the number of steps of each record. */
  readonly lengths: {
    readonly [
      K in keyof F['sequence'] as F['sequence'][K] extends VarLenFeature | RaggedFeature ? never : K
    ]: NDArray<'int64'>;
  };
}

/** Parsed features of a batch. The first dimension is the record, and the second is the step or the example. */
export type ParsedParts<F extends Readonly<Record<string, Feature | SequenceFeature>>> = {
  readonly [K in keyof F]: F[K] extends RaggedFeature ? NestedRaggedArray<ParsedDType<F[K]>> : ParsedFeature<F[K]>;
};
