import { requireOptions } from '../../base/parseOptions.js';
import type { NDArray, RaggedArray, RawDType, SparseArray } from '../../arrays/ndarray.js';
import type { NarrowDType } from '../protobuf/narrowValues.js';

/** What a list of values in a `tf.train.Example` can hold: int64, float32 or bytes, whatever the feature asked for. */
export type FeatureDType = 'int64' | 'float32' | 'bytes';

/**
 * A default's element, as JSON can hold it or as code would write it: numbers; decimal strings or bigints for int64;
 * `"nan"`, `"inf"` and `"-inf"` for float32; `Uint8Array`s for bytes, or use `defaultText` or `defaultBase64`.
 */
export type DefaultValue = number | bigint | string | Uint8Array;

/** Exactly as many values as `shape` holds, in every record: TensorFlow's `FixedLenFeature`. */
export interface FixedLenFeature {
  readonly kind: 'fixedLen';
  readonly shape: readonly number[];
  readonly dtype: FeatureDType;
  /** Taken where the feature is missing: one value for all elements, or a flat list of them. Without it that is an error. */
  readonly default?: DefaultValue | readonly DefaultValue[] | undefined;
  /** The default of a bytes feature as text, encoded as UTF-8: TensorFlow's `default_value="none"`. */
  readonly defaultText?: string | readonly string[] | undefined;
  /** The default of a bytes feature in base64, for bytes that JSON cannot hold. */
  readonly defaultBase64?: string | readonly string[] | undefined;
  readonly as?: NarrowDType | undefined;
}

/** Any number of values, as a sparse array: TensorFlow's `VarLenFeature`. */
export interface VarLenFeature {
  readonly kind: 'varLen';
  readonly dtype: FeatureDType;
  /** Whether a record may lack it. It is then read as no values. Default: true, as in TensorFlow. */
  readonly allowMissing?: boolean | undefined;
  readonly as?: NarrowDType | undefined;
}

/**
 * Any number of elements of a shape, as a dense array: TensorFlow's `FixedLenSequenceFeature`. A batch is padded to its
 * longest record.
 */
export interface FixedLenSequenceFeature {
  readonly kind: 'fixedLenSequence';
  readonly shape: readonly number[];
  readonly dtype: FeatureDType;
  /** What pads shorter records in a batch. Default: 0, or no bytes. */
  readonly default?: DefaultValue | undefined;
  /**
   * Whether a record may lack it. It is then read as no elements. Default: false for a sequence of a SequenceExample,
   * as in TensorFlow; true for a feature, where TensorFlow requires `allow_missing=True`.
   */
  readonly allowMissing?: boolean | undefined;
  /** The same for bytes as text, encoded as UTF-8. */
  readonly defaultText?: string | undefined;
  /** The same for bytes in base64. */
  readonly defaultBase64?: string | undefined;
  readonly as?: NarrowDType | undefined;
}

/** Any number of values, as rows of unequal length: TensorFlow's `RaggedFeature`. */
export interface RaggedFeature {
  readonly kind: 'ragged';
  readonly dtype: FeatureDType;
  /** Whether a record may lack it. It is then read as no values. Default: true, as in TensorFlow. */
  readonly allowMissing?: boolean | undefined;
  readonly as?: NarrowDType | undefined;
}

/** A sparse vector from two features, its indices and its values: TensorFlow's `SparseFeature`. */
export interface SparseFeature {
  readonly kind: 'sparse';
  /** The name of the int64 feature that holds the indices. */
  readonly indexKey: string;
  /** The name of the feature that holds the values. */
  readonly valueKey: string;
  readonly dtype: FeatureDType;
  /** The length of the dense vector. Like TensorFlow, the parser does not check indices against it. */
  readonly size: number;
  /** Whether a record may lack the two. They are then read as no values. Default: true, as in TensorFlow. */
  readonly allowMissing?: boolean | undefined;
  readonly as?: NarrowDType | undefined;
}

/** One bytes value that holds an array, little endian: `FixedLenFeature([], tf.string)` and `decode_raw` in one. */
export interface RawFeature {
  readonly kind: 'raw';
  readonly shape: readonly number[];
  readonly dtype: RawDType;
}

/** One entry of {@link Features}. */
export type Feature =
  FixedLenFeature | VarLenFeature | FixedLenSequenceFeature | RaggedFeature | SparseFeature | RawFeature;

/** What to take from each `tf.train.Example`, by name: plain JSON, so one form serves code and configuration. */
export type Features = Readonly<Record<string, Feature>>;

/** The dtype that a feature has once it is parsed: any of several where its type does not say whether it is narrowed. */
export type ParsedDType<F extends Feature> = F extends { readonly as: infer A extends NarrowDType }
  ? A
  : F['dtype'] | ('as' extends keyof F ? NarrowDType : never);

/** What one record's feature is parsed to. */
export type ParsedSingleFeature<F extends Feature> = F extends VarLenFeature | SparseFeature
  ? SparseArray<ParsedDType<F>>
  : NDArray<ParsedDType<F>>;

/** What a batch's feature is parsed to: the records are its first dimension. */
export type ParsedFeature<F extends Feature> = F extends RaggedFeature
  ? RaggedArray<ParsedDType<F>>
  : ParsedSingleFeature<F>;

/** What `parseSingle` makes of one record. */
export type ParsedSingleExample<F extends Features> = { [K in keyof F]: ParsedSingleFeature<F[K]> };

/** What `parseBatch` makes of a batch of records. */
export type ParsedExample<F extends Features> = { [K in keyof F]: ParsedFeature<F[K]> };

type DefaultOption = 'default' | 'defaultText' | 'defaultBase64';

/*
 * Each constructor's result spells out what was given and nothing else: a type with an optional `as` would be parsed to
 * a choice of dtypes. `NoInfer` keeps the place in which a call stands from widening its options.
 */

/** A {@link FixedLenFeature}: `fixedLenFeature([28, 28], 'float32')`. */
export function fixedLenFeature<
  const D extends FeatureDType,
  const O extends Pick<FixedLenFeature, DefaultOption | 'as'> = object,
>(
  shape: readonly number[],
  dtype: D,
  options?: O,
): { readonly kind: 'fixedLen'; readonly shape: readonly number[]; readonly dtype: D } & NoInfer<O> {
  if (options !== undefined) requireOptions('fixedLenFeature', options, '{ default: 5 }');
  return { kind: 'fixedLen', shape, dtype, ...(options as NoInfer<O>) };
}

/** A {@link VarLenFeature}: `varLenFeature('int64')`. */
export function varLenFeature<
  const D extends FeatureDType,
  const O extends Pick<VarLenFeature, 'as' | 'allowMissing'> = object,
>(dtype: D, options?: O): { readonly kind: 'varLen'; readonly dtype: D } & NoInfer<O> {
  if (options !== undefined) requireOptions('varLenFeature', options, "{ as: 'int32' }");
  return { kind: 'varLen', dtype, ...(options as NoInfer<O>) };
}

/** A {@link FixedLenSequenceFeature}: `fixedLenSequenceFeature([2], 'float32')`. */
export function fixedLenSequenceFeature<
  const D extends FeatureDType,
  const O extends Pick<FixedLenSequenceFeature, DefaultOption | 'as' | 'allowMissing'> = object,
>(
  shape: readonly number[],
  dtype: D,
  options?: O,
): { readonly kind: 'fixedLenSequence'; readonly shape: readonly number[]; readonly dtype: D } & NoInfer<O> {
  if (options !== undefined) requireOptions('fixedLenSequenceFeature', options, '{ default: 5 }');
  return { kind: 'fixedLenSequence', shape, dtype, ...(options as NoInfer<O>) };
}

/** A {@link RaggedFeature}: `raggedFeature('bytes')`. */
export function raggedFeature<
  const D extends FeatureDType,
  const O extends Pick<RaggedFeature, 'as' | 'allowMissing'> = object,
>(dtype: D, options?: O): { readonly kind: 'ragged'; readonly dtype: D } & NoInfer<O> {
  if (options !== undefined) requireOptions('raggedFeature', options, "{ as: 'int32' }");
  return { kind: 'ragged', dtype, ...(options as NoInfer<O>) };
}

/** A {@link SparseFeature}: `sparseFeature({ indexKey: 'ix', valueKey: 'values', dtype: 'float32', size: 10 })`. */
export function sparseFeature<const O extends Omit<SparseFeature, 'kind'>>(
  options: O,
): { readonly kind: 'sparse' } & O {
  requireOptions('sparseFeature', options, "{ indexKey: 'ix', valueKey: 'values', dtype: 'float32', size: 10 }");
  return { kind: 'sparse', ...options };
}

/** A {@link RawFeature}: `rawFeature([28, 28], 'uint8')`. */
export function rawFeature<const D extends RawDType>(
  shape: readonly number[],
  dtype: D,
): { readonly kind: 'raw'; readonly shape: readonly number[]; readonly dtype: D } {
  return { kind: 'raw', shape, dtype };
}
