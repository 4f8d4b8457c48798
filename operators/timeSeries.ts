import type { OperatorFunction } from 'rxjs';
import { z } from 'zod';
import { lazy } from '../src/base/lazy.js';
import { slidingWindows } from './shared/slidingWindows.js';
import { parseOptions, positiveInteger } from '../src/base/parseOptions.js';
import { ShapeError, ValueError } from '../src/base/errors.js';
import { showValue } from '../src/base/showValue.js';
import { markFresh } from '../src/arrays/freshMemory.js';
import { batchFound, makerOfBatch } from '../src/arrays/batches.js';
import { isNDArray, type NDArray } from '../src/arrays/ndarray.js';
import { requireArray, requireNumbers } from '../src/arrays/requireArray.js';
import { requireFeature, type Structure } from '../src/arrays/requireFeature.js';
import { stackFor, type Batched } from '../src/arrays/stack.js';

/** Options of {@link timeSeries}. */
export interface TimeSeriesOptions {
  /** The number of input rows in a window. */
  readonly length: number;
  /** The distance in rows from one input row to the next, and from one target row to the next. Default: 1. */
  readonly samplingRate?: number | undefined;
  /** The distance in rows from the start of a window to the start of the next. Default: 1. */
  readonly shift?: number | undefined;
  /** The number of rows from the last input row to the first target row. Can be 0 or negative. Default: 1. */
  readonly offset?: number | undefined;
  /** The number of target rows. Default: one row, without an axis for rows. */
  readonly targetLength?: number | undefined;
  /** The names of the input features, joined in this order. Default: the whole row. */
  readonly inputs?: readonly string[] | undefined;
  /** The names of the target features, joined in this order. Default: the whole row. */
  readonly targets?: readonly string[] | undefined;
}

type JoinedBy<Names, Whole> = Names extends readonly string[] ? NDArray<'float32'> : Whole;

/** An item of {@link timeSeries}. */
export interface TimeSeries<T, O> {
  /** The input rows, stacked. */
  readonly xs: JoinedBy<O extends { readonly inputs?: infer N } ? N : undefined, Batched<T>>;
  /** The target row, or the stacked target rows. */
  readonly ys: JoinedBy<
    O extends { readonly targets?: infer N } ? N : undefined,
    O extends { readonly targetLength: number } ? Batched<T> : T
  >;
}

const featureNames = lazy(() => z.array(z.string()).min(1).optional());

export const timeSeriesSchema = lazy(() =>
  z
    .strictObject({
      length: positiveInteger().describe('The number of input rows in a window.'),
      samplingRate: positiveInteger()
        .default(1)
        .describe(
          'The distance in rows from one input row to the next, and from one target row to the next. Default: 1.',
        ),
      shift: positiveInteger()
        .default(1)
        .describe('The distance in rows from the start of a window to the start of the next. Default: 1.'),
      offset: z
        .int()
        .default(1)
        .describe(
          'The number of rows from the last input row to the first target row. Can be 0 or negative. Default: 1.',
        ),
      targetLength: positiveInteger()
        .optional()
        .describe('The number of target rows. Default: one row, without an axis for rows.'),
      inputs: featureNames().describe('The names of the input features, joined in this order. Default: the whole row.'),
      targets: featureNames().describe(
        'The names of the target features, joined in this order. Default: the whole row.',
      ),
    })
    .refine(({ length, samplingRate, offset }) => (length - 1) * samplingRate + offset >= 0, {
      path: ['offset'],
      error: 'expected a target row in or after the window',
    }),
);

const NAME = 'timeSeries';
const STACKER = {
  caller: NAME,
  remedy: `If the items are tables or batches, add unbatch() before ${NAME}(). Otherwise, make the shapes equal in a map().`,
};

/**
 * Combines consecutive rows to input windows with targets, like Keras's `timeseries_dataset_from_array`.
 *
 * ```ts
 * import { recordsFromFiles } from 'millrace';
 * import { batch, decodeTable, timeSeries, unbatch } from 'millrace/operators';
 *
 * const batches$ = recordsFromFiles('data/sensor.csv', {
 *   recordFormat: decodeTable({ batchSize: 256 }),
 * }).pipe(
 *   unbatch(),
 *   timeSeries({ length: 24, inputs: ['temperature', 'pressure'], targets: ['temperature'] }),
 *   batch(64),
 * ); // { xs: NDArray<'float32'> of shape [64, 24, 2], ys: NDArray<'float32'> of shape [64, 1] }
 * ```
 *
 * Window i starts at row `s = i * shift`. Its input rows are `s + k * samplingRate` for each k from 0 to `length - 1`.
 * Its target is the row `s + (length - 1) * samplingRate + offset`. Further targets (`targetLength`) are `samplingRate`
 * rows apart. Emits only complete windows.
 *
 * With `inputs` or `targets`, joins these features (numbers, or NDArrays of numbers) to a float32 vector for each row.
 * `xs` has shape `[length, f]`, and `ys` has shape `[f]` or `[targetLength, f]`. Without these options, stacks whole
 * rows like `batch`. A single target row is not copied. Memory: the rows from the first input to the last target, and
 * one window.
 *
 * Fails with the errors of `batch`, with a ShapeError if rows have different numbers of values, or with a ValueError if
 * a feature is missing or is not a number, or if an item is a table or a batch: add `unbatch()` before `timeSeries`.
 *
 * @see https://keras.io/api/data_loading/timeseries/
 */
export function timeSeries<T, const O extends TimeSeriesOptions>(options: O): OperatorFunction<T, TimeSeries<T, O>> {
  const checked = parseOptions(NAME, timeSeriesSchema(), options, { form: `${NAME}({ length: 24 })` });
  const { length, samplingRate, shift, offset, targetLength, inputs, targets } = checked;
  const lastInput = (length - 1) * samplingRate;
  const positionOf = (k: number): number =>
    k < length ? k * samplingRate : lastInput + offset + (k - length) * samplingRate;
  const count = length + (targetLength ?? 1);
  const span = Math.max(lastInput, positionOf(count - 1)) + 1;
  const make = (rows: Row[]): { readonly xs: unknown; readonly ys: unknown } => {
    const xs = rows.slice(0, length).map(({ input }) => input);
    const ys = rows.slice(length).map(({ target }) => target);
    const [first] = ys;
    return {
      xs: stackRows(xs),
      ys: targetLength !== undefined ? stackRows(ys) : first instanceof Vector ? first.toArray() : first,
    };
  };
  return (source) => {
    const inputOf = inputs ? joiner(inputs) : requireRow;
    const targetOf = targets ? joiner(targets) : requireRow;
    return slidingWindows<T, Row, TimeSeries<T, O>>(source, {
      name: NAME,
      facts: { length, samplingRate, shift, offset, targetLength, inputs, targets },
      shape: { length: count, positionOf, span, shift },
      dropRemainder: true,
      prepare: (row) => ({ input: inputOf(row), target: targetOf(row) }),
      make: make as (rows: Row[]) => TimeSeries<T, O>,
    });
  };
}

interface Row {
  readonly input: unknown;
  readonly target: unknown;
}

/** The joined features of a row. Uses less memory than an NDArray. */
class Vector {
  readonly data: Float32Array;

  constructor(data: Float32Array) {
    this.data = data;
  }

  toArray(): NDArray<'float32'> {
    return { dtype: 'float32', shape: [this.data.length], data: this.data };
  }
}

function requireRow(row: unknown): unknown {
  const maker = makerOfBatch(row);
  if (maker !== undefined) throw batchFound(NAME, maker);
  return row;
}

function joiner(names: readonly string[]): (row: unknown) => Vector {
  let expected: number | undefined;
  return (row) => {
    let size = 0;
    const features = names.map((name) => {
      const feature = requireNumeric(requireFeature(NAME, row as Structure, name), name);
      size += typeof feature === 'number' ? 1 : feature.data.length;
      return feature;
    });
    expected ??= size;
    if (size !== expected) throw otherLength(names, expected, size);
    const data = new Float32Array(size);
    let at = 0;
    for (const feature of features) {
      if (typeof feature === 'number') data[at++] = feature;
      else for (const value of feature.data) data[at++] = Number(value);
    }
    return new Vector(data);
  };
}

function otherLength(names: readonly string[], expected: number, found: number): ShapeError {
  const message = `${NAME}: ${names.join(', ')}: expected ${expected} numbers in each row, as in the first row, found ${found}. `;
  return new ShapeError(message + STACKER.remedy, { path: names[0] as string, expected: [expected], found: [found] });
}

function requireNumeric(feature: unknown, name: string): number | NDArray {
  if (typeof feature === 'number') return feature;
  const maker = makerOfBatch(feature);
  if (maker !== undefined) throw batchFound(NAME, maker, name);
  if (!isNDArray(feature)) {
    const message = `expected a number or an NDArray of numbers, found ${showValue(feature)}`;
    throw new ValueError(`${NAME}: ${name}: ${message}. Convert it to numbers in a map().`, { path: name });
  }
  if (feature.dtype === 'bytes') requireNumbers(`${NAME}: ${name}`, feature, 'Convert it to numbers in a map().');
  requireArray(NAME, feature, name);
  return feature;
}

function stackRows(rows: readonly unknown[]): unknown {
  const [first] = rows;
  if (!(first instanceof Vector)) return stackFor(STACKER, rows);
  const vectors = rows as readonly Vector[];
  const { length } = first.data;
  const data = new Float32Array(vectors.length * length);
  for (const [index, vector] of vectors.entries()) data.set(vector.data, index * length);
  markFresh(data);
  return { dtype: 'float32', shape: [vectors.length, length], data };
}
