import { requireOptions } from '../../base/parseOptions.js';
import type { NarrowDType } from '../protobuf/narrowValues.js';
import type { DecodeRawDType } from '../storedNumbers.js';
import type { Partition } from './partitionLimits.js';
import type { ParseTensorDType } from '../tensorProto/tensorLayout.js';

/** The dtypes in a `tf.train.Example`. */
export type FeatureDType = 'int64' | 'float32' | 'bytes';

/**
 * A default value. For integers: a number, a bigint or a decimal string. For floats: a number, `"nan"`, `"inf"` or
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
  /** The default of a bytes feature, as UTF-8 text. */
  readonly defaultText?: string | readonly string[] | undefined;
  /** The default of a bytes feature, in base64. */
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
   * If true, a record without the feature has no elements. If false, a missing feature is an error, as by default in
   * TensorFlow. Default: true, but false in `sequence` of a SequenceExample.
   */
  readonly allowMissing?: boolean | undefined;
  /** The default as UTF-8 text. */
  readonly defaultText?: string | undefined;
  /** The default in base64. */
  readonly defaultBase64?: string | undefined;
  readonly as?: NarrowDType | undefined;
}

/** A feature with any number of values, read as rows of different lengths, like TensorFlow's `RaggedFeature`. */
export interface RaggedFeature {
  readonly kind: 'ragged';
  readonly dtype: FeatureDType;
  /** The name of the feature with the values. Default: this feature's name. */
  readonly valueKey?: string | undefined;
  /** How the values of a record are divided into rows, from the outermost partition. Default: not divided. */
  readonly partitions?: readonly Partition[] | undefined;
  /** Like {@link VarLenFeature.allowMissing}. */
  readonly allowMissing?: boolean | undefined;
  readonly as?: NarrowDType | undefined;
}

/** A sparse array, stored as features with indices and with values, like TensorFlow's `SparseFeature`. */
export interface SparseFeature {
  readonly kind: 'sparse';
  /** The name of the int64 feature with the indices, or one name for each dimension. */
  readonly indexKey: string | readonly string[];
  /** The name of the feature with the values. */
  readonly valueKey: string;
  readonly dtype: FeatureDType;
  /**
   * The lengths of the dimensions, one for each name in `indexKey`. As in TensorFlow, indices are not compared with the
   * lengths.
   */
  readonly size: number | readonly number[];
  /** Like {@link VarLenFeature.allowMissing}, for the features in `indexKey` and `valueKey`. */
  readonly allowMissing?: boolean | undefined;
  readonly as?: NarrowDType | undefined;
}

/**
 * An array, stored as one bytes value, like TensorFlow's `FixedLenFeature([], tf.string)` with `decode_raw`. float16
 * and bfloat16 become float32.
 */
export interface RawFeature {
  readonly kind: 'raw';
  readonly shape: readonly number[];
  readonly dtype: DecodeRawDType;
  /** True for little-endian, false for big-endian. Default: true. */
  readonly littleEndian?: boolean | undefined;
  /** Like {@link FixedLenFeature.default}. */
  readonly default?: DefaultValue | readonly DefaultValue[] | undefined;
}

/**
 * An array, stored as a serialized `TensorProto` in one bytes value, like TensorFlow's `FixedLenFeature([], tf.string)`
 * with `parse_tensor`. `float16` and `bfloat16` become float32.
 */
export interface TensorFeature {
  readonly kind: 'tensor';
  /** The shape in each record. `null` means any length. All records of a batch must have the same shape. */
  readonly shape: readonly (number | null)[];
  readonly dtype: ParseTensorDType;
}

/** One entry of {@link Features}. */
export type Feature =
  | FixedLenFeature
  | VarLenFeature
  | FixedLenSequenceFeature
  | RaggedFeature
  | SparseFeature
  | RawFeature
  | TensorFeature;

/** The features to read from each `tf.train.Example`, by name. Can be plain JSON. */
export type Features = Readonly<Record<string, Feature>>;

type DefaultOption = 'default' | 'defaultText' | 'defaultBase64';

/**
 * The result types contain only the given options, because an optional property `as` would make the parsed type a
 * union. `NoInfer` prevents TypeScript from inferring wider options from the context.
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
  const O extends Omit<RaggedFeature, 'kind' | 'dtype'> = object,
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
export function rawFeature<
  const D extends DecodeRawDType,
  const O extends Pick<RawFeature, 'littleEndian' | 'default'> = object,
>(
  shape: readonly number[],
  dtype: D,
  options?: O,
): { readonly kind: 'raw'; readonly shape: readonly number[]; readonly dtype: D } & NoInfer<O> {
  return withOptions('rawFeature', { kind: 'raw', shape, dtype }, options, '{ littleEndian: false }');
}

/** Makes a {@link TensorFeature}: `tensorFeature([28, 28], 'uint8')`. */
export function tensorFeature<const D extends ParseTensorDType>(
  shape: readonly (number | null)[],
  dtype: D,
): { readonly kind: 'tensor'; readonly shape: readonly (number | null)[]; readonly dtype: D } {
  return { kind: 'tensor', shape, dtype };
}

function withOptions<B, O>(builder: string, feature: B, options: O | undefined, example: string): B & NoInfer<O> {
  if (options !== undefined) requireOptions(builder, options, example);
  return { ...feature, ...(options as NoInfer<O>) };
}
