import { type DataOf, type DType, uncheckedArray, type NDArray, sizeOfShape } from '../../arrays/ndarray.js';
import type { Column } from './column.js';
import { copyElements } from '../../arrays/copyElements.js';
import type { ExampleIndex } from './exampleIndex.js';
import type { ValueSource } from '../protobuf/values.js';
import { countRows, rowLength } from './raggedRows.js';

export class FixedLenSequenceColumn implements Column {
  readonly #source: ValueSource;
  readonly #shape: readonly number[];
  readonly #size: number;
  readonly #padding: DataOf[DType];

  constructor(source: ValueSource, shape: readonly number[], padding: DataOf[DType]) {
    this.#source = source;
    this.#shape = shape;
    this.#size = sizeOfShape(shape);
    this.#padding = padding;
  }

  read(index: ExampleIndex, single: boolean): NDArray {
    const { type } = this.#source;
    const { rows, wire } = index;
    const rowSplits = countRows(index, this.#source);
    let longest = 0;
    for (let row = 0; row < rows; row++) longest = Math.max(longest, this.#steps(index, rowSplits, row));
    const values = type.allocate(rows * longest * this.#size);
    for (let row = 0; row < rows; row++) {
      const at = row * longest * this.#size;
      const end = index.seek(this.#source, row);
      if (end >= 0) values.read(wire, end, at);
      const rowEnd = at + longest * this.#size;
      for (let to = at + rowLength(rowSplits, row); to < rowEnd; to += this.#size) {
        copyElements(this.#padding, values.data, to);
      }
    }
    const shape = [longest, ...this.#shape];
    return uncheckedArray(type.dtype, single ? shape : [rows, ...shape], values.data);
  }

  #steps(index: ExampleIndex, rowSplits: Int32Array, row: number): number {
    const values = rowLength(rowSplits, row);
    if (values === 0) return 0;
    if (values % this.#size === 0) return values / this.#size;
    index.seek(this.#source, row);
    const expected = `expected a multiple of ${this.#size} values (shape [${this.#shape.join(', ')}])`;
    return index.wire.fail('malformed', `${expected}, found ${values}: correct the shape, or use varLen`);
  }
}
