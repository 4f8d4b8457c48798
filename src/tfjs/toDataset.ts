import type { Observable } from 'rxjs';
import { z } from 'zod';
import type { OverrunPolicy } from '../demand/overrun.js';
import { ConfigError } from '../base/errors.js';
import { requireSource } from '../base/requireSource.js';
import { isObservable } from '../base/showValue.js';
import { parseOptions } from '../base/parseOptions.js';
import { isResumed } from '../resume/resumedPasses.js';
import { pullingIterable } from '../demand/toAsyncIterable.js';
import { checkElement } from './checkElement.js';
import { TensorDataset } from './tensorDataset.js';
import type { AnyTensor, TensorFlow } from './tensorFlow.js';
import { toTensors, type TensorsOf, type WideIntegers } from './toTensors.js';

/** Options of {@link toDataset}, whichever way batches become tensors. */
export interface DatasetOptions {
  /** The number of batches in a pass, where it is known: tfjs shows it in its progress bar, no more. */
  readonly size?: number | undefined;
  /** What to do when the source does not heed the demand. Default: `warn`, once. */
  readonly overrun?: OverrunPolicy | undefined;
}

/** Options of {@link toDataset} where the bridge makes the tensors. */
export interface ToDatasetOptions extends DatasetOptions {
  /** What int64, uint64 and uint32 become: int32 with a check of the range (default), or float32, exact up to 2^24. */
  readonly wideIntegers?: WideIntegers | undefined;
}

/** Options of {@link toDataset} where the caller makes the tensors. */
export interface ToDatasetHookOptions<B, TF, R> extends DatasetOptions {
  /** Makes the tensors of a batch, within `tf.tidy`: what it does not return is disposed of. */
  readonly toTensors: (batch: B, tf: TF) => R;
}

const isFunction = (value: unknown): boolean => typeof value === 'function';

const tensorFlowSchema = z.custom<TensorFlow>(
  (tf) => isFunction((tf as Partial<TensorFlow> | undefined)?.tensor) && isFunction((tf as Partial<TensorFlow>).tidy),
  'the first argument is not the namespace of tfjs: import * as tf from "@tensorflow/tfjs"',
);

const optionsSchema = z
  .strictObject({
    size: z.int().nonnegative().optional(),
    overrun: z.enum(['warn', 'error']).optional(),
    wideIntegers: z.enum(['int32', 'float32']).optional(),
    toTensors: z.custom<(batch: unknown, tf: unknown) => unknown>(isFunction, 'expected a function').optional(),
  })
  .refine(({ wideIntegers, toTensors: hook }) => !(wideIntegers && hook), {
    path: ['wideIntegers'],
    error: 'means nothing beside toTensors, which makes the tensors itself',
  });

/**
 * Bridges a source of batches to what `model.fitDataset` and `model.evaluateDataset` of tfjs take.
 *
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { channel, oneHot, scale } from 'millrace';
 * import { fixedLenFeature, rawFeature } from 'millrace/formats';
 * import { batch, decodeTFRecord, parseExample, prefetch } from 'millrace/operators';
 * import { fitDataset, toDataset } from 'millrace/tfjs';
 * import { map } from 'rxjs';
 *
 * const batches$ = channel('train').pipe(
 *   decodeTFRecord(),
 *   batch(64),
 *   parseExample({ image: rawFeature([64], 'uint8'), label: fixedLenFeature([], 'int64') }),
 *   map(({ image, label }) => ({ xs: scale(image, 1 / 16), ys: oneHot(label, 10) })),
 *   prefetch(4),
 * );
 * const model = tf.sequential({ layers: [tf.layers.dense({ inputShape: [64], units: 10, activation: 'softmax' })] });
 * model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy' });
 * await fitDataset(model, toDataset(tf, batches$), { epochs: 10 });
 * ```
 *
 * Every item is one batch: `xs` and `ys`, each an NDArray, or a record of NDArrays by the names of the model's inputs or
 * outputs. (A loop of one's own, instead of `fitDataset`, may have any structure of records and tuples.) Each NDArray
 * becomes a tensor of its shape: float32, int32 and bool as they are, float64 as float32, integers of 8 and 16 bits as
 * int32, wider ones as `wideIntegers` says, bytes as strings.
 *
 * Memory: none besides the batch that is delivered. float32, int32, bool and bytes are not copied, so a batch must not be
 * written to afterwards; `batch` takes fresh memory for each. The tensors belong to whoever called `next()`; tfjs
 * disposes of those that it trains on. Order: the source's.
 *
 * Thrown at the call: ConfigError for bad arguments. Rejected in `next()`: what the source threw, the very same object;
 * ValueError, with its path, for what cannot become a tensor (null, numbers, plain and typed arrays, sparse and ragged
 * values, integers out of range) and for an item with more than `xs` and `ys`, since tfjs would never dispose of the
 * rest. The source is closed by then, and no tensor is left.
 *
 * tfjs itself never closes a dataset: train with this package's `fitDataset`, or call `close()`.
 *
 * @param tf - the user's own tfjs: `@tensorflow/tfjs`, `@tensorflow/tfjs-node`, …
 * @param source$ - subscribed to once in each pass, when its first batch is asked for: each pass of a channel takes an
 *   epoch.
 * @returns a dataset; {@link TensorDataset} says what it does besides, and its `stats` what it has delivered.
 * @see https://js.tensorflow.org/api/latest/#tf.LayersModel.fitDataset
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
      'toDataset: the first argument is not the namespace of tfjs: found an Observable. Write toDataset(tf, source$)',
      { path: 'tf' },
    );
  parseOptions('toDataset', tensorFlowSchema, tf);
  requireSource('toDataset', source$, 'source$');
  const {
    size = NaN,
    overrun,
    wideIntegers = 'int32',
    toTensors: hook,
  } = parseOptions('toDataset', optionsSchema, options);
  const makeTensors = hook ?? ((batch: unknown) => toTensors(tf, batch, wideIntegers));
  const convert = (batch: unknown): unknown => {
    let tensors: unknown;
    // What tidy's function returns survives; all else that it made is disposed of, also when it throws.
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
  'toDataset: a dataset was garbage-collected while its source was open, so the source was closed. Train with fitDataset ' +
  'of millrace/tfjs, which closes it, or call its close().';
