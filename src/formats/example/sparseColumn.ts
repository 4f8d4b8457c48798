import { allocate, uncheckedArray, type SparseArray } from '../../arrays/ndarray.js';
import type { Column } from './column.js';
import type { Elements } from '../../arrays/copyElements.js';
import type { ExampleIndex } from './exampleIndex.js';
import { readRows, rowLength } from './raggedRows.js';
import type { ValueSource } from '../protobuf/values.js';

export interface SparseColumnOptions {
  readonly name: string;
  readonly indices: ValueSource<'int64'>;
  readonly values: ValueSource;
  readonly size: number;
}

/** Sorts the values of each record by index. */
export class SparseColumn implements Column {
  readonly #options: SparseColumnOptions;

  constructor(options: SparseColumnOptions) {
    this.#options = options;
  }

  read(index: ExampleIndex, single: boolean): SparseArray {
    const { indices, values, size } = this.#options;
    const places = readRows(index, indices);
    const { data, rowSplits } = readRows(index, values);
    const order = new Int32Array(data.length);
    for (let row = 0; row < index.rows; row++) {
      this.#checkRow(index, row, rowLength(places.rowSplits, row), rowLength(rowSplits, row));
      sortRow(order, places.data, rowSplits[row] ?? 0, rowSplits[row + 1] ?? 0);
    }
    const sortedPlaces = new BigInt64Array(data.length);
    reorder(places.data, order, sortedPlaces);
    const sortedValues = allocate(values.type.dtype, data.length);
    reorder(data, order, sortedValues);
    return {
      indices: uncheckedArray(
        'int64',
        [data.length, single ? 1 : 2],
        single ? sortedPlaces : withRows(sortedPlaces, rowSplits),
      ),
      values: uncheckedArray(values.type.dtype, [data.length], sortedValues),
      denseShape: single ? [size] : [index.rows, size],
    };
  }

  #checkRow(index: ExampleIndex, row: number, indexCount: number, valueCount: number): void {
    if (indexCount === valueCount) return;
    const { name, indices, values } = this.#options;
    index.seek(values, row);
    index.wire.feature = name;
    const found = `found ${indexCount} (in ${JSON.stringify(indices.name)}) and ${valueCount} (in ${JSON.stringify(values.name)})`;
    index.wire.fail('malformed', `expected equal numbers of indices and values, ${found}`);
  }
}

/** Writes the positions from `start` to `end` to `order`, stably sorted by index. */
function sortRow(order: Int32Array, places: BigInt64Array, start: number, end: number): void {
  let rising = true;
  for (let at = start; at < end; at++) {
    order[at] = at;
    if (at > start && placeOf(places, at) < placeOf(places, at - 1)) rising = false;
  }
  if (rising) return;
  order.subarray(start, end).sort((a, b) => {
    const [left, right] = [placeOf(places, a), placeOf(places, b)];
    if (left === right) return 0;
    return left < right ? -1 : 1;
  });
}

function placeOf(places: BigInt64Array, at: number): bigint {
  return places[at] ?? 0n;
}

function reorder(source: Elements, order: Int32Array, target: Elements): void {
  const [read, written] = [withoutNaNs(source), withoutNaNs(target)];
  order.forEach((from, to) => (written[to] = read[from]));
}

/** The bits of float32 values as integers, because copying a float32 as a number can change a signaling NaN. */
function withoutNaNs(elements: Elements): Elements {
  if (!(elements instanceof Float32Array)) return elements;
  return new Uint32Array(elements.buffer, elements.byteOffset, elements.length);
}

function withRows(places: BigInt64Array, rowSplits: Int32Array): BigInt64Array {
  const pairs = new BigInt64Array(2 * places.length);
  for (let row = 0; row + 1 < rowSplits.length; row++) {
    for (let at = rowSplits[row] ?? 0; at < (rowSplits[row + 1] ?? 0); at++) {
      pairs[2 * at] = BigInt(row);
      pairs[2 * at + 1] = placeOf(places, at);
    }
  }
  return pairs;
}
