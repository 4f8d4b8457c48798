import { z } from 'zod';
import { lazy } from '../base/lazy.js';
import { ShapeError, ValueError } from '../base/errors.js';
import { parseOptions } from '../base/parseOptions.js';
import { showValue } from '../base/showValue.js';
import { copyRun } from './copyElements.js';
import { paddingValueSchema } from './createPadder.js';
import { markFresh } from './freshMemory.js';
import { partPath } from './mapArrays.js';
import {
  isNDArray,
  MAX_ELEMENTS,
  sizeOfShape,
  uncheckedArray,
  type DType,
  type NDArray,
  type NestedRaggedArray,
  type RaggedArray,
} from './ndarray.js';
import { allocatePadding, type PaddingValue } from './padToShape.js';
import { requireArray } from './requireArray.js';
import { requireRowSplits } from './requireRowSplits.js';

export const toDenseSchema = lazy(() =>
  z.strictObject({
    defaultValue: paddingValueSchema()
      .optional()
      .describe('The value of missing elements. Default: 0, or empty bytes.'),
    shape: z
      .array(z.int().nonnegative().nullable())
      .optional()
      .describe('The shape of the dense array. A length of null means the length of the longest row.'),
  }),
);

/** Options of {@link toDense}. */
export interface ToDenseOptions {
  /** The value of missing elements. Default: 0, or empty bytes. */
  readonly defaultValue?: PaddingValue | undefined;
  /**
   * The shape of the result. Rows longer than this shape are cut. The length `null` means the length of the longest
   * row. Default: `null` for each length.
   */
  readonly shape?: readonly (number | null)[] | undefined;
}

/**
 * Converts a ragged array to a dense array, like TensorFlow's `RaggedTensor.to_tensor`. Short rows are padded at the
 * end.
 *
 * ```ts
 * import { ndarray, toDense } from 'millrace';
 *
 * const values = ndarray('int32', [3], Int32Array.of(1, 2, 3));
 * toDense({ values, rowSplits: Int32Array.of(0, 2, 3) }); // [[1, 2], [3, 0]]
 * ```
 *
 * @returns an array of shape `[rows, longest row, …]`, in new memory.
 * @throws ConfigError if an option is invalid.
 * @throws ValueError if the argument is not a ragged array, or if its dtype cannot represent the default value.
 * @throws ShapeError if the rank or an inner length of `shape` is wrong, or if the result has more than 2^31 - 1
 *   elements.
 * @see https://www.tensorflow.org/api_docs/python/tf/RaggedTensor#to_tensor
 */
export function toDense<D extends DType>(
  ragged: RaggedArray<D> | NestedRaggedArray<D>,
  options: ToDenseOptions = {},
): NDArray<D> {
  const { defaultValue, shape: asked } = parseOptions('toDense', toDenseSchema(), options);
  const { values, splits } = partsOf(ragged);
  const [, ...inner] = values.shape;
  const longest = splits.map((ends) =>
    ends.reduce((most, end, row) => Math.max(most, end - (ends[row - 1] ?? end)), 0),
  );
  const bounds = [(splits[0]?.length ?? 1) - 1, ...longest, ...inner];
  const shape = (asked ?? bounds).map((length, axis) => length ?? bounds[axis] ?? 0);
  const isInner = (_: number, axis: number): boolean => axis > splits.length;
  const fits = shape.length === bounds.length && shape.filter(isInner).every((length, axis) => length === inner[axis]);
  if (!fits || sizeOfShape(shape) > MAX_ELEMENTS) {
    const [found, expected] = [bounds, shape].map((lengths) => `[${lengths.join(', ')}]`);
    throw new ShapeError(`toDense: expected rows that fit into shape ${expected}, found shape ${found}.`, {
      path: '',
      expected: shape,
      found: bounds,
    });
  }
  const data = allocatePadding(values.dtype, sizeOfShape(shape), {
    caller: 'toDense',
    path: '',
    value: defaultValue,
  });
  const itemSize = sizeOfShape(inner);

  /** Writes the values or rows from `from` to `to`, at an axis of the result. */
  const write = (axis: number, [from, to]: readonly [number, number], at: number): void => {
    const count = Math.min(to - from, shape[axis] ?? 0);
    const ends = splits[axis];
    if (!ends) {
      copyRun(values.data, [from * itemSize, (from + count) * itemSize], data, at);
      return;
    }
    const stride = sizeOfShape(shape.slice(axis + 1));
    for (let row = 0; row < count; row++) {
      write(axis + 1, [ends[from + row] ?? 0, ends[from + row + 1] ?? 0], at + row * stride);
    }
  };
  write(0, [0, bounds[0] ?? 0], 0);
  if (!Array.isArray(data)) markFresh(data);
  return uncheckedArray<DType>(values.dtype, shape, data) as NDArray<D>;
}

interface RaggedParts {
  readonly values: NDArray;
  /** The row splits of each ragged axis, from the outermost. */
  readonly splits: readonly Int32Array[];
}

function partsOf(ragged: unknown): RaggedParts {
  const splits: Int32Array[] = [];
  let part = ragged;
  let path = '';
  while (!isNDArray(part) || splits.length === 0) {
    const { values, rowSplits } = (part ?? {}) as { readonly values?: unknown; readonly rowSplits?: unknown };
    if (!(rowSplits instanceof Int32Array)) {
      const isSparse = typeof part === 'object' && part !== null && 'denseShape' in part;
      const found = isSparse ? 'a sparse array. Use toDenseSparse()' : showValue(part);
      throw new ValueError(`toDense: expected a ragged array, found ${found}.`, { path });
    }
    splits.push(rowSplits);
    path = partPath(path, 'values', false);
    part = values;
  }
  requireArray('toDense', part, path);
  const { shape } = part;
  for (const [axis, rowSplits] of splits.entries()) {
    const next = splits[axis + 1];
    requireRowSplits('toDense', rowSplits, { length: next ? next.length - 1 : (shape[0] ?? 0), path: '' });
  }
  return { values: part, splits };
}
