import { allocate, uncheckedArray, type SparseArray } from '../../arrays/ndarray.js';
import { quote } from '../../base/showValue.js';
import type { Column } from './column.js';
import type { Elements } from '../../arrays/copyElements.js';
import type { ExampleIndex } from './exampleIndex.js';
import { readRows, rowLength, type RaggedRows } from './raggedRows.js';
import type { ValueSource } from '../protobuf/values.js';

export interface SparseColumnOptions {
  readonly name: string;
  /** The sources of the indices, one for each dimension. */
  readonly indices: readonly ValueSource<'int64'>[];
  readonly values: ValueSource;
  readonly sizes: readonly number[];
}

type Places = readonly RaggedRows<'int64'>[];

/** Sorts the values of each record by index. */
export class SparseColumn implements Column {
  readonly #options: SparseColumnOptions;

  constructor(options: SparseColumnOptions) {
    this.#options = options;
  }

  read(index: ExampleIndex, single: boolean): SparseArray {
    const { indices, values, sizes } = this.#options;
    const places = indices.map((source) => readRows(index, source));
    const { data, rowSplits } = readRows(index, values);
    const order = new Int32Array(data.length);
    for (let row = 0; row < index.rows; row++) {
      for (const [axis, { rowSplits: found }] of places.entries()) {
        this.#checkRow(index, row, [rowLength(found, row), rowLength(rowSplits, row), axis]);
      }
      sortRow(order, places, rowSplits[row] ?? 0, rowSplits[row + 1] ?? 0);
    }
    const sortedValues = allocate(values.type.dtype, data.length);
    reorder(data, order, sortedValues);
    const rank = sizes.length + (single ? 0 : 1);
    return {
      indices: uncheckedArray('int64', [data.length, rank], indicesOf(places, order, single ? undefined : rowSplits)),
      values: uncheckedArray(values.type.dtype, [data.length], sortedValues),
      denseShape: single ? sizes : [index.rows, ...sizes],
    };
  }

  #checkRow(index: ExampleIndex, row: number, [indexCount, valueCount, axis]: readonly [number, number, number]): void {
    if (indexCount === valueCount) return;
    const { name, indices, values } = this.#options;
    index.seek(values, row);
    index.wire.feature = name;
    const found = `found ${indexCount} (in ${quote(indices[axis]?.name ?? '')}) and ${valueCount} (in ${quote(values.name)})`;
    index.wire.fail('malformed', `expected equal numbers of indices and values, ${found}`);
  }
}

/** Writes the positions from `start` to `end` to `order`, stably sorted by index. */
function sortRow(order: Int32Array, places: Places, start: number, end: number): void {
  let rising = true;
  for (let at = start; at < end; at++) {
    order[at] = at;
    if (at > start && compare(places, at, at - 1) < 0) rising = false;
  }
  if (!rising) order.subarray(start, end).sort((a, b) => compare(places, a, b));
}

function compare(places: Places, a: number, b: number): number {
  for (const { data } of places) {
    const [left, right] = [data[a] ?? 0n, data[b] ?? 0n];
    if (left !== right) return left < right ? -1 : 1;
  }
  return 0;
}

function reorder(source: Elements, order: Int32Array, target: Elements): void {
  const [read, written] = [withoutNaNs(source), withoutNaNs(target)];
  order.forEach((from, to) => (written[to] = read[from]));
}

/**
 * Returns the bits of a float32 array as integers, because copying a float32 as a number can change a signaling NaN.
 */
function withoutNaNs(elements: Elements): Elements {
  if (!(elements instanceof Float32Array)) return elements;
  return new Uint32Array(elements.buffer, elements.byteOffset, elements.length);
}

/** With `rowSplits`, each index begins with the number of its record. */
function indicesOf(places: Places, order: Int32Array, rowSplits: Int32Array | undefined): BigInt64Array {
  const rank = places.length + (rowSplits ? 1 : 0);
  const indices = new BigInt64Array(rank * order.length);
  let row = 0;
  for (const [to, from] of order.entries()) {
    let at = rank * to;
    if (rowSplits) {
      while (to >= (rowSplits[row + 1] ?? Infinity)) row++;
      indices[at++] = BigInt(row);
    }
    for (const { data } of places) indices[at++] = data[from] ?? 0n;
  }
  return indices;
}
