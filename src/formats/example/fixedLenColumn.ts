import { type DataOf, type DType, uncheckedArray, type NDArray, sizeOfShape } from '../../arrays/ndarray.js';
import type { Column } from './column.js';
import { copyElements } from '../../arrays/copyElements.js';
import type { ExampleIndex } from './exampleIndex.js';
import type { ValueSource } from '../protobuf/values.js';

export class FixedLenColumn implements Column {
  readonly #source: ValueSource;
  readonly #shape: readonly number[];
  readonly #size: number;
  readonly #default: DataOf[DType] | undefined;

  constructor(source: ValueSource, shape: readonly number[], defaultData: DataOf[DType] | undefined) {
    this.#source = source;
    this.#shape = shape;
    this.#size = sizeOfShape(shape);
    this.#default = defaultData;
  }

  read(index: ExampleIndex, single: boolean): NDArray {
    const { type } = this.#source;
    const { wire, rows } = index;
    const values = type.allocate(rows * this.#size);
    for (let row = 0; row < rows; row++) {
      const end = index.seek(this.#source, row);
      const at = row * this.#size;
      if (end >= 0) {
        const start = wire.position;
        const count = type.count(wire, end);
        if (count !== this.#size) this.#failCount(index, count, start);
        wire.position = start;
        values.read(wire, end, at);
      } else if (this.#default === undefined) {
        index.failMissing(this.#source.name, 'if the feature may be missing, declare a default value or use varLen');
      } else copyElements(this.#default, values.data, at);
    }
    return uncheckedArray(type.dtype, single ? this.#shape : [rows, ...this.#shape], values.data);
  }

  #failCount({ wire }: ExampleIndex, count: number, start: number): never {
    const expected = `expected ${this.#size} ${this.#size === 1 ? 'value' : 'values'} (shape [${this.#shape.join(', ')}])`;
    return wire.fail('malformed', `${expected}, found ${count}: correct the shape, or use varLen`, start);
  }
}
