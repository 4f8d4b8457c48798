import type { DataOf, DType } from '../../arrays/ndarray.js';
import type { ExampleIndex } from './exampleIndex.js';
import { REQUIRED_REMEDY } from './missingText.js';
import type { ValueSource } from '../protobuf/values.js';

export interface RaggedRows<D extends DType> {
  readonly data: DataOf[D];
  readonly rowSplits: Int32Array;
}

export function countRows(index: ExampleIndex, source: ValueSource): Int32Array {
  const rowSplits = new Int32Array(index.rows + 1);
  let total = 0;
  for (let row = 0; row < index.rows; row++) {
    const end = index.seek(source, row);
    if (end >= 0) total += source.type.count(index.wire, end);
    else if (source.isRequired) index.failMissing(source.name, REQUIRED_REMEDY);
    rowSplits[row + 1] = total;
  }
  return rowSplits;
}

export function readRows<D extends DType>(index: ExampleIndex, source: ValueSource<D>): RaggedRows<D> {
  const rowSplits = countRows(index, source);
  const values = source.type.allocate(rowSplits[index.rows] ?? 0);
  for (let row = 0; row < index.rows; row++) {
    const end = index.seek(source, row);
    if (end >= 0) values.read(index.wire, end, rowSplits[row] ?? 0);
  }
  return { data: values.data, rowSplits };
}

export function rowLength(rowSplits: Int32Array, row: number): number {
  return (rowSplits[row + 1] ?? 0) - (rowSplits[row] ?? 0);
}
