import { z } from 'zod';
import { lazy } from '../base/lazy.js';
import { ConfigError, ShapeError, ValueError } from '../base/errors.js';
import { nearestName } from '../base/nearestName.js';
import { parseOptions } from '../base/parseOptions.js';
import { quote, showValue } from '../base/showValue.js';
import { markFresh } from './freshMemory.js';
import { MAX_ELEMENTS, type NDArray } from './ndarray.js';
import { requireArray } from './requireArray.js';

const argumentsSchema = lazy(() =>
  z.object({
    table: z.custom<object>((value) => typeof value === 'object' && value !== null && !Array.isArray(value), {
      error: 'expected an object of arrays by name',
    }),
    columns: z.array(z.string()).optional(),
  }),
);

/**
 * Joins columns of numbers to a matrix with one column for each array, like `tf.stack(columns, axis=1)`.
 *
 * ```ts
 * import { columnsToMatrix, ndarray } from 'millrace';
 *
 * const table = {
 *   width: ndarray('float32', [2], Float32Array.of(1, 2)),
 *   height: ndarray('int32', [2], Int32Array.of(3, 4)),
 * };
 * columnsToMatrix(table, ['width', 'height']).data; // 1 3  2 4, of shape [2, 2]
 * ```
 *
 * @param table - arrays of shape `[n]`. Values that float32 cannot represent are rounded.
 * @param columns - the names of the columns, in the order of the matrix. Default: all columns, in the order of the
 *   table. Set `columns` if the order can differ between tables.
 * @returns float32 of shape `[n, number of columns]`, in new memory.
 * @throws ConfigError if an argument is invalid, if a column is missing, or if there is no column.
 * @throws ValueError if a column does not contain numbers.
 * @throws ShapeError if a column is not of shape `[n]`.
 */
export function columnsToMatrix(
  table: Readonly<Record<string, NDArray>>,
  columns?: readonly string[],
): NDArray<'float32'> {
  const names = parseOptions('columnsToMatrix', argumentsSchema(), { table, columns }).columns ?? Object.keys(table);
  const arrays = names.map((name) => columnOf(table, name));
  const [first] = arrays;
  if (!first) throw new ConfigError('columnsToMatrix: expected at least one column, found none', { path: 'columns' });
  const rows = first.data.length;
  const { length } = arrays;
  if (rows * length > MAX_ELEMENTS) {
    throw new ShapeError(`columnsToMatrix: ${rows} rows of ${length} columns exceed 2^31 - 1 elements`, {
      path: '',
      expected: [MAX_ELEMENTS],
      found: [rows, length],
    });
  }
  const data = new Float32Array(rows * length);
  for (const [at, array] of arrays.entries()) {
    if (array.data.length !== rows || array.shape.length !== 1) {
      const name = names[at] as string;
      throw new ShapeError(`columnsToMatrix: ${name}: expected shape [${rows}], found [${array.shape.join(', ')}]`, {
        path: name,
        expected: [rows],
        found: array.shape,
      });
    }
    for (let row = 0; row < rows; row++) data[row * length + at] = Number(array.data[row]);
  }
  markFresh(data);
  return { dtype: 'float32', shape: [rows, length], data };
}

function columnOf(table: Readonly<Record<string, NDArray>>, name: string): NDArray {
  const array = Object.hasOwn(table, name) ? table[name] : undefined;
  if (array === undefined) {
    const near = nearestName(name, Object.keys(table));
    const hint =
      near === undefined
        ? `found ${Object.keys(table)
            .map((key) => quote(key))
            .join(', ')}`
        : `did you mean ${quote(near)}?`;
    throw new ConfigError(`columnsToMatrix: there is no column ${showValue(name)}: ${hint}`, { path: 'columns' });
  }
  requireArray('columnsToMatrix', array, name);
  if (array.dtype === 'bytes') {
    const message = `columnsToMatrix: ${name}: expected numbers, found dtype bytes. Omit this column from the second argument, or convert it to numbers first.`;
    throw new ValueError(message, { path: name });
  }
  return array;
}
