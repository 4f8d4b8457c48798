import type { NDArray, NestedRaggedArray, RaggedArray, SparseArray } from '../../arrays/ndarray.js';
import type { NarrowDType } from '../protobuf/narrowValues.js';
import type { DecodedRawDType } from '../storedNumbers.js';
import type { ParsedTensorDType } from '../tensorProto/parseTensor.js';
import type {
  Feature,
  Features,
  RaggedFeature,
  RawFeature,
  SparseFeature,
  TensorFeature,
  VarLenFeature,
} from './features.js';

/**
 * The dtype of a parsed feature. If the TypeScript type of the feature does not show whether the option `as` is set,
 * this is a union of all possible dtypes.
 */
export type ParsedDType<F extends Feature> = F extends RawFeature
  ? DecodedRawDType<F['dtype']>
  : F extends TensorFeature
    ? ParsedTensorDType<F['dtype']>
    : F extends { readonly as: infer A extends NarrowDType }
      ? A
      : Exclude<F['dtype'], 'float16' | 'bfloat16'> | ('as' extends keyof F ? NarrowDType : never);

/** The parsed type of a feature in one record. */
export type ParsedSingleFeature<F extends Feature> = F extends VarLenFeature | SparseFeature
  ? SparseArray<ParsedDType<F>>
  : NDArray<ParsedDType<F>> | (F extends RaggedFeature ? Partitioned<F> : never);

/** With partitions, the number of ragged dimensions depends on the partitions. */
type Partitioned<F extends RaggedFeature> = 'partitions' extends keyof F
  ? RaggedArray<ParsedDType<F>> | NestedRaggedArray<ParsedDType<F>>
  : never;

/** The parsed type of a feature in a batch. The first dimension is the number of records. */
export type ParsedFeature<F extends Feature> = F extends RaggedFeature
  ? RaggedArray<ParsedDType<F>> | Partitioned<F>
  : ParsedSingleFeature<F>;

/** The parsed features of one record, from `parseSingle`. */
export type ParsedSingleExample<F extends Features> = { [K in keyof F]: ParsedSingleFeature<F[K]> };

/** The parsed features of a batch, from `parseBatch`. */
export type ParsedExample<F extends Features> = { [K in keyof F]: ParsedFeature<F[K]> };
