import type { Observable } from 'rxjs';
import { z } from 'zod';
import { lazy } from '../base/lazy.js';
import { overrunPolicy } from '../base/optionFields.js';
import type { OverrunPolicy } from '../demand/overrun.js';
import { ConfigError } from '../base/errors.js';
import { requireSource } from '../base/requireSource.js';
import { isObservable } from '../base/showValue.js';
import { callback, parseOptions } from '../base/parseOptions.js';
import { isResumed } from '../resume/resumedPasses.js';
import { pullingIterable } from '../consumers/toAsyncIterable.js';
import { checkElement } from './checkElement.js';
import { TensorDataset } from './tensorDataset.js';
import type { AnyTensor, TensorFlow } from './tensorFlow.js';
import { toTensors, type TensorsOf, type WideIntegers } from './toTensors.js';

/** Options of {@link toDataset} with or without `toTensors`. */
export interface DatasetOptions {
  /** The number of batches of one pass over the source, if known, for the progress bar of tfjs. */
  readonly size?: number | undefined;
  /** The reaction to unrequested items. Default: `warn`, once for each pass. */
  readonly overrun?: OverrunPolicy | undefined;
}

/** Options of {@link toDataset} without `toTensors`. */
export interface ToDatasetOptions extends DatasetOptions {
  /**
   * The dtype of the tensors for int64, uint64 and uint32. With `int32` (default), a value out of range is an error.
   * `float32` is exact up to 2^24.
   */
  readonly wideIntegers?: WideIntegers | undefined;
}

/** Options of {@link toDataset} with `toTensors`. */
export interface ToDatasetHookOptions<B, TF, R> extends DatasetOptions {
  /** Makes the tensors of a batch. Called in `tf.tidy`, which disposes of all tensors that are not returned. */
  readonly toTensors: (batch: B, tf: TF) => R;
}

const isFunction = (value: unknown): boolean => typeof value === 'function';

const tensorFlowSchema = lazy(() =>
  z.custom<TensorFlow>(
    (tf) => isFunction((tf as Partial<TensorFlow> | undefined)?.tensor) && isFunction((tf as Partial<TensorFlow>).tidy),
    'expected the namespace of tfjs as the first argument: import * as tf from "@tensorflow/tfjs"',
  ),
);

const optionsSchema = lazy(() =>
  z
    .strictObject({
      size: z.int().nonnegative().optional(),
      overrun: overrunPolicy().optional(),
      wideIntegers: z.enum(['int32', 'float32']).optional(),
      toTensors: callback<(batch: unknown, tf: unknown) => unknown>().optional(),
    })
    .refine(({ wideIntegers, toTensors: hook }) => !(wideIntegers && hook), {
      path: ['wideIntegers'],
      error:
        'has no effect together with toTensors, because toTensors chooses the dtypes itself: remove one of the ' +
        'two options',
    }),
);

/**
 * Makes a dataset for `model.fitDataset` and `model.evaluateDataset` of tfjs from a source of batches.
 *
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { channel, oneHot, scale } from 'millrace';
 * import { fixedLenFeature, rawFeature } from 'millrace/formats';
 * import { batch, decodeTFRecord, parseExample } from 'millrace/operators';
 * import { toDataset } from 'millrace/tfjs';
 * import { map } from 'rxjs';
 *
 * const batches$ = channel('train').pipe(
 *   decodeTFRecord(),
 *   batch(64),
 *   parseExample({ image: rawFeature([64], 'uint8'), label: fixedLenFeature([], 'int64') }),
 *   map(({ image, label }) => ({ xs: scale(image, 1 / 16), ys: oneHot(label, 10) })),
 * );
 * const dataset = toDataset(tf, batches$); // for `fitDataset(model, dataset, { epochs: 10 })`
 * ```
 *
 * Each item is one batch with `xs` and `ys`, which are NDArrays, or objects of NDArrays with the names of the model's
 * inputs and outputs. For your own training loop, an item may be any structure of objects and tuples. Each NDArray
 * becomes a tensor of the same shape. The dtypes float32, int32 and bool do not change. float64 becomes float32.
 * Integers of 8 and 16 bits become int32. For wider integers, see `wideIntegers`. bytes become strings.
 *
 * Plain numbers, booleans, texts and nested arrays of them become float32, bool and string tensors. An array of objects
 * with these values becomes one object of tensors.
 *
 * Memory: the current batch. Arrays of float32, int32, bool and bytes are not copied, so do not change an emitted
 * batch.
 *
 * Throws a ConfigError if an argument is invalid. `next()` rejects with the unchanged error of the source, with a
 * ShapeError if nested arrays have different lengths, or with a ValueError if a part of the item cannot become a
 * tensor. Invalid parts are null, a bigint, a typed array, a sparse or ragged array, an integer out of range, or a key
 * other than `xs` and `ys`. An error closes the source, and disposes of all tensors of the item.
 *
 * tfjs never closes a dataset, so train with `fitDataset` of this package, or call `close()`.
 */
export function toDataset<B, TF extends TensorFlow, R>(
  tf: TF,
  source$: Observable<B>,
  options: ToDatasetHookOptions<B, TF, R>,
): TensorDataset<R>;
export function toDataset<B, T extends AnyTensor>(
  tf: TensorFlow<T>,
  source$: Observable<B>,
  options?: ToDatasetOptions,
): TensorDataset<TensorsOf<B, T>>;
export function toDataset(
  tf: TensorFlow,
  source$: Observable<unknown>,
  options: ToDatasetOptions | ToDatasetHookOptions<unknown, TensorFlow, unknown> = {},
): TensorDataset<unknown> {
  if (isObservable(tf))
    throw new ConfigError(
      'toDataset: expected the namespace of tfjs as the first argument, found an Observable. Write toDataset(tf, source$)',
      { path: 'tf' },
    );
  parseOptions('toDataset', tensorFlowSchema(), tf);
  requireSource('toDataset', source$, 'source$');
  const {
    size = NaN,
    overrun,
    wideIntegers = 'int32',
    toTensors: hook,
  } = parseOptions('toDataset', optionsSchema(), options);
  const makeTensors = hook ?? ((batch: unknown) => toTensors(tf, batch, wideIntegers));
  const convert = (batch: unknown): unknown => {
    let tensors: unknown;
    // `tidy` also disposes of tensors if the function throws.
    tf.tidy(() => {
      tensors = makeTensors(batch, tf);
      checkElement(tensors);
      return tensors;
    });
    return tensors;
  };
  const source = pullingIterable(source$, { overrun, unclosed: UNCLOSED });
  return new TensorDataset({ size, source, convert, mayBeginEmpty: isResumed(source$) });
}

const UNCLOSED =
  'toDataset: a dataset was garbage-collected while its source was open, so millrace closed the source. Train with fitDataset ' +
  'of millrace/tfjs, which closes the dataset, or call close() of the dataset.';
