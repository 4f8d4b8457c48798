import { requireOptions } from '../../base/parseOptions.js';
import type { NDArray, RaggedArray, RawDType, SparseArray } from '../../arrays/ndarray.js';
import type { NarrowDType } from '../protobuf/narrowValues.js';

/** The dtypes in a `tf.train.Example`. */
export type FeatureDType = 'int64' | 'float32' | 'bytes';

/**
 * A default value. For int64: a number, a bigint or a decimal string. For float32: a number, `"nan"`, `"inf"` or
 * `"-inf"`. For bytes: a `Uint8Array`.
 */
export type DefaultValue = number | bigint | string | Uint8Array;

/** A feature with a fixed number of values in every record, like TensorFlow's `FixedLenFeature`. */
export interface FixedLenFeature {
  readonly kind: 'fixedLen';
  readonly shape: readonly number[];
  readonly dtype: FeatureDType;
  /**
   * The value of a missing feature: one value for all elements, or a flat list of all elements. Default: a missing
   * feature is an error.
   */
  readonly default?: DefaultValue | readonly DefaultValue[] | undefined;
  /** The default value of a bytes feature, written as UTF-8 text. */
  readonly defaultText?: string | readonly string[] | undefined;
  /** The default value of a bytes feature, written in base64. */
  readonly defaultBase64?: string | readonly string[] | undefined;
  readonly as?: NarrowDType | undefined;
}

/** A feature with any number of values, read as a sparse array, like TensorFlow's `VarLenFeature`. */
export interface VarLenFeature {
  readonly kind: 'varLen';
  readonly dtype: FeatureDType;
  /** If false, a record without the feature is an error. Default: true (no values), as in TensorFlow. */
  readonly allowMissing?: boolean | undefined;
  readonly as?: NarrowDType | undefined;
}

/**
 * A feature with any number of elements of one shape, read as a dense array, like TensorFlow's
 * `FixedLenSequenceFeature`. Records are padded to the longest record of their batch.
 */
export interface FixedLenSequenceFeature {
  readonly kind: 'fixedLenSequence';
  readonly shape: readonly number[];
  readonly dtype: FeatureDType;
  /** The padding value for shorter records. Default: 0, or empty bytes. */
  readonly default?: DefaultValue | undefined;
  /**
   * If false, a record without the feature is an error. If true, it has no elements. The default in TensorFlow is
   * false. Default: true, but false in `sequence` of a SequenceExample.
   */
  readonly allowMissing?: boolean | undefined;
  /** The padding value, written as UTF-8 text. */
  readonly defaultText?: string | undefined;
  /** The padding value, written in base64. */
  readonly defaultBase64?: string | undefined;
  readonly as?: NarrowDType | undefined;
}

/** A feature with any number of values, read as rows of different lengths, like TensorFlow's `RaggedFeature`. */
export interface RaggedFeature {
  readonly kind: 'ragged';
  readonly dtype: FeatureDType;
  /** Like {@link VarLenFeature.allowMissing}. */
  readonly allowMissing?: boolean | undefined;
  readonly as?: NarrowDType | undefined;
}

/** A sparse vector, stored as two features (indices and values), like TensorFlow's `SparseFeature`. */
export interface SparseFeature {
  readonly kind: 'sparse';
  /** The name of the int64 feature with the indices. */
  readonly indexKey: string;
  /** The name of the feature with the values. */
  readonly valueKey: string;
  readonly dtype: FeatureDType;
  /** The length of the dense vector. As in TensorFlow, indices are not compared with this length. */
  readonly size: number;
  /** Like {@link VarLenFeature.allowMissing}, for both features. */
  readonly allowMissing?: boolean | undefined;
  readonly as?: NarrowDType | undefined;
}

/**
 * An array, stored as one bytes value in little-endian order, like TensorFlow's `FixedLenFeature([], tf.string)` with
 * `decode_raw`.
 */
export interface RawFeature {
  readonly kind: 'raw';
  readonly shape: readonly number[];
  readonly dtype: RawDType;
}

/** One entry of {@link Features}. */
export type Feature =
  FixedLenFeature | VarLenFeature | FixedLenSequenceFeature | RaggedFeature | SparseFeature | RawFeature;

/** The features to read from each `tf.train.Example`, by name. Can be plain JSON. */
export type Features = Readonly<Record<string, Feature>>;

/**
 * The dtype of a parsed feature. If the TypeScript type of the feature does not tell whether `as` is set, this is a
 * union of all possible dtypes.
 */
export type ParsedDType<F extends Feature> = F extends { readonly as: infer A extends NarrowDType }
  ? A
  : F['dtype'] | ('as' extends keyof F ? NarrowDType : never);

/** The parsed type of a feature in one record. */
export type ParsedSingleFeature<F extends Feature> = F extends VarLenFeature | SparseFeature
  ? SparseArray<ParsedDType<F>>
  : NDArray<ParsedDType<F>>;

/** The parsed type of a feature in a batch. The first dimension is the number of records. */
export type ParsedFeature<F extends Feature> = F extends RaggedFeature
  ? RaggedArray<ParsedDType<F>>
  : ParsedSingleFeature<F>;

/** The parsed features of one record, from `parseSingle`. */
export type ParsedSingleExample<F extends Features> = { [K in keyof F]: ParsedSingleFeature<F[K]> };

/** The parsed features of a batch, from `parseBatch`. */
export type ParsedExample<F extends Features> = { [K in keyof F]: ParsedFeature<F[K]> };

type DefaultOption = 'default' | 'defaultText' | 'defaultBase64';

/*
 * The result types have exactly the given options: with an optional `as`, the parsed type would be a union. `NoInfer`
 * stops TypeScript from inferring wider options from the context.
 */

/** Makes a {@link FixedLenFeature}: `fixedLenFeature([28, 28], 'float32')`. */
export function fixedLenFeature<
  const D extends FeatureDType,
  const O extends Pick<FixedLenFeature, DefaultOption | 'as'> = object,
>(
  shape: readonly number[],
  dtype: D,
  options?: O,
): { readonly kind: 'fixedLen'; readonly shape: readonly number[]; readonly dtype: D } & NoInfer<O> {
  return withOptions('fixedLenFeature', { kind: 'fixedLen', shape, dtype }, options, '{ default: 5 }');
}

/** Makes a {@link VarLenFeature}: `varLenFeature('int64')`. */
export function varLenFeature<
  const D extends FeatureDType,
  const O extends Pick<VarLenFeature, 'as' | 'allowMissing'> = object,
>(dtype: D, options?: O): { readonly kind: 'varLen'; readonly dtype: D } & NoInfer<O> {
  return withOptions('varLenFeature', { kind: 'varLen', dtype }, options, "{ as: 'int32' }");
}

/** Makes a {@link FixedLenSequenceFeature}: `fixedLenSequenceFeature([2], 'float32')`. */
export function fixedLenSequenceFeature<
  const D extends FeatureDType,
  const O extends Pick<FixedLenSequenceFeature, DefaultOption | 'as' | 'allowMissing'> = object,
>(
  shape: readonly number[],
  dtype: D,
  options?: O,
): { readonly kind: 'fixedLenSequence'; readonly shape: readonly number[]; readonly dtype: D } & NoInfer<O> {
  return withOptions('fixedLenSequenceFeature', { kind: 'fixedLenSequence', shape, dtype }, options, '{ default: 5 }');
}

/** Makes a {@link RaggedFeature}: `raggedFeature('bytes')`. */
export function raggedFeature<
  const D extends FeatureDType,
  const O extends Pick<RaggedFeature, 'as' | 'allowMissing'> = object,
>(dtype: D, options?: O): { readonly kind: 'ragged'; readonly dtype: D } & NoInfer<O> {
  return withOptions('raggedFeature', { kind: 'ragged', dtype }, options, "{ as: 'int32' }");
}

/**
 * Makes a {@link SparseFeature}: `sparseFeature({ indexKey: 'ix', valueKey: 'values', dtype: 'float32', size: 10 })`.
 */
export function sparseFeature<const O extends Omit<SparseFeature, 'kind'>>(
  options: O,
): { readonly kind: 'sparse' } & O {
  requireOptions('sparseFeature', options, "{ indexKey: 'ix', valueKey: 'values', dtype: 'float32', size: 10 }");
  return { kind: 'sparse', ...options };
}

/** Makes a {@link RawFeature}: `rawFeature([28, 28], 'uint8')`. */
export function rawFeature<const D extends RawDType>(
  shape: readonly number[],
  dtype: D,
): { readonly kind: 'raw'; readonly shape: readonly number[]; readonly dtype: D } {
  return { kind: 'raw', shape, dtype };
}

function withOptions<B, O>(builder: string, feature: B, options: O | undefined, example: string): B & NoInfer<O> {
  if (options !== undefined) requireOptions(builder, options, example);
  return { ...feature, ...(options as NoInfer<O>) };
}
