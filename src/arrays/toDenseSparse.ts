import { z } from 'zod';
import { lazy } from '../base/lazy.js';
import { ShapeError, ValueError } from '../base/errors.js';
import { parseOptions } from '../base/parseOptions.js';
import { showValue } from '../base/showValue.js';
import { markFresh } from './freshMemory.js';
import { MAX_ELEMENTS, sizeOfShape, uncheckedArray, type DType, type NDArray, type SparseArray } from './ndarray.js';
import { allocatePadding, type PaddingValue } from './padToShape.js';
import { requireArray } from './requireArray.js';
import { toDenseSchema } from './toDense.js';

export const toDenseSparseSchema = lazy(() =>
  z.strictObject({
    defaultValue: toDenseSchema().shape.defaultValue,
    validateIndices: z
      .boolean()
      .default(true)
      .describe('If true, the indices must be in ascending order. Default: true.'),
  }),
);

/** Options of {@link toDenseSparse}. */
export interface ToDenseSparseOptions {
  /** The value of elements that are not stored. Default: 0, or empty bytes. */
  readonly defaultValue?: PaddingValue | undefined;
  /**
   * If false, the indices may be in any order. If an index is repeated, its last value is used. If true, each index
   * must be greater than the previous index. Default: true.
   */
  readonly validateIndices?: boolean | undefined;
}

/**
 * Converts a sparse array to a dense array, like `tf.sparse.to_dense`.
 *
 * ```ts
 * import { ndarray, toDenseSparse } from 'millrace';
 *
 * const indices = ndarray('int64', [2, 1], BigInt64Array.of(1n, 3n));
 * const values = ndarray('float32', [2], Float32Array.of(5, 6));
 * toDenseSparse({ indices, values, denseShape: [4] }); // [0, 5, 0, 6]
 * ```
 *
 * Tensors of `parseRecordProtobuf` are in stored order, so they may need `validateIndices: false`.
 *
 * @returns an array of shape `denseShape`, in new memory.
 * @throws ConfigError if an option is invalid.
 * @throws ValueError if an index is outside of the shape, repeated or not ascending, if the argument is not a sparse
 *   array, or if its dtype cannot represent the default value.
 * @throws ShapeError if the parts do not match, or if the result has more than 2^31 - 1 elements.
 * @see https://www.tensorflow.org/api_docs/python/tf/sparse/to_dense
 */
export function toDenseSparse<D extends DType>(sparse: SparseArray<D>, options: ToDenseSparseOptions = {}): NDArray<D> {
  const { defaultValue, validateIndices } = parseOptions('toDenseSparse', toDenseSparseSchema(), options);
  const { indices, values, denseShape } = partsOf(sparse);
  const rank = denseShape.length;
  const data = allocatePadding(values.dtype, sizeOfShape(denseShape), {
    caller: 'toDenseSparse',
    path: '',
    value: defaultValue,
  });
  let previous = -1;
  for (let value = 0; value < values.data.length; value++) {
    let at = 0;
    let isInside = true;
    for (let axis = 0; axis < rank; axis++) {
      const [length, position] = [denseShape[axis] ?? 0, Number(indices.data[value * rank + axis])];
      isInside &&= position >= 0 && position < length;
      at = at * length + position;
    }
    if (!isInside || (validateIndices && at <= previous)) {
      const expected = isInside
        ? 'an index greater than the previous one, because validateIndices is true'
        : `an index inside of shape [${denseShape.join(', ')}]`;
      const found = indices.data.slice(value * rank, (value + 1) * rank).join(', ');
      throw new ValueError(`toDenseSparse: indices[${value}]: expected ${expected}, found [${found}].`, {
        path: 'indices',
      });
    }
    previous = at;
    (data as unknown[])[at] = values.data[value];
  }
  if (!Array.isArray(data)) markFresh(data);
  return uncheckedArray<DType>(values.dtype, denseShape, data) as NDArray<D>;
}

function partsOf(sparse: Partial<SparseArray> | null | undefined): SparseArray {
  const { indices, values, denseShape, rowSplits }: Partial<SparseArray> & { rowSplits?: unknown } = sparse ?? {};
  if (!Array.isArray(denseShape)) {
    const found = rowSplits === undefined ? showValue(sparse) : 'a ragged array. Use toDense()';
    throw new ValueError(`toDenseSparse: expected a sparse array, found ${found}.`, { path: '' });
  }
  requireArray('toDenseSparse', indices, 'indices');
  requireArray('toDenseSparse', values, 'values');
  const expected = [values.data.length, denseShape.length];
  const fits = indices.shape.length === 2 && expected.every((length, axis) => length === indices.shape[axis]);
  if (!fits || sizeOfShape(denseShape) > MAX_ELEMENTS) {
    const shape = `(${expected[0]} values of an array of shape [${denseShape.join(', ')}])`;
    const message = `indices: expected shape [${expected.join(', ')}] ${shape}, found [${indices.shape.join(', ')}]`;
    throw new ShapeError(`toDenseSparse: ${message}.`, { path: 'indices', expected, found: indices.shape });
  }
  return { indices, values, denseShape };
}
