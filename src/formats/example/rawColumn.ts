import { uncheckedArray, type NDArray, sizeOfShape, TYPED_ARRAY_OF, uninitialized } from '../../arrays/ndarray.js';
import type { RawDType } from '../../arrays/ndarray.js';
import { BYTES_VALUE, countBytesValues } from '../protobuf/bytesValues.js';
import type { Column } from './column.js';
import type { ExampleIndex } from './exampleIndex.js';
import type { ValueSource } from '../protobuf/values.js';
import type { WireReader } from '../protobuf/wireReader.js';

export class RawColumn implements Column {
  readonly #source: ValueSource;
  readonly #dtype: RawDType;
  readonly #shape: readonly number[];
  readonly #size: number;
  readonly #byteLength: number;

  constructor(source: ValueSource, dtype: RawDType, shape: readonly number[]) {
    this.#source = source;
    this.#dtype = dtype;
    this.#shape = shape;
    this.#size = sizeOfShape(shape);
    this.#byteLength = this.#size * TYPED_ARRAY_OF[dtype].BYTES_PER_ELEMENT;
  }

  read(index: ExampleIndex, single: boolean): NDArray {
    const { wire, rows } = index;
    const data = uninitialized(this.#dtype, rows * this.#size);
    const memory = new Uint8Array(data.buffer);
    for (let row = 0; row < rows; row++) {
      const end = index.seek(this.#source, row);
      if (end < 0) index.failMissing(this.#source.name, 'a raw feature must be in every record');
      wire.copy(this.#enter(wire, end), memory, row * this.#byteLength);
    }
    return uncheckedArray(this.#dtype, single ? this.#shape : [rows, ...this.#shape], data);
  }

  #enter(wire: WireReader, end: number): number {
    const start = wire.position;
    const isFirst = start < end && wire.tag(end) === BYTES_VALUE;
    if (isFirst && wire.enter(end) === end && end - wire.position === this.#byteLength) return end;
    wire.position = start;
    const count = countBytesValues(wire, end);
    if (count !== 1) wire.fail('malformed', `expected one bytes value, found ${count}`, start);
    wire.position = start;
    for (let tag = wire.tag(end); tag !== BYTES_VALUE; tag = wire.tag(end)) wire.skip(tag, end);
    const valueEnd = wire.enter(end);
    const found = valueEnd - wire.position;
    if (found === this.#byteLength) return valueEnd;
    const expected = `expected ${this.#byteLength} bytes (${this.#dtype} of shape [${this.#shape.join(', ')}])`;
    return wire.fail('malformed', `${expected}, found ${found}: check the dtype and the shape`);
  }
}
