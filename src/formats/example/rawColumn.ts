import { uncheckedArray, type NDArray, type RawDType, sizeOfShape, uninitialized } from '../../arrays/ndarray.js';
import { copyElements } from '../../arrays/copyElements.js';
import { enterOnlyValue } from '../protobuf/bytesValues.js';
import { STORED_ARRAY_OF, storedDType, storedNumbers } from '../storedNumbers.js';
import type { Column } from './column.js';
import { defaultData } from './defaultData.js';
import type { ExampleIndex } from './exampleIndex.js';
import type { RawFeature } from './features.js';
import { DECLARE_DEFAULT } from './missingText.js';
import type { ValueSource } from '../protobuf/values.js';
import type { WireReader } from '../protobuf/wireReader.js';

export class RawColumn implements Column {
  readonly #source: ValueSource;
  readonly #feature: RawFeature;
  readonly #size: number;
  readonly #byteLength: number;
  readonly #default: ReturnType<typeof defaultData> | undefined;

  constructor(source: ValueSource, feature: RawFeature) {
    const { dtype, shape, default: value } = feature;
    this.#source = source;
    this.#feature = feature;
    this.#size = sizeOfShape(shape);
    this.#byteLength = this.#size * STORED_ARRAY_OF[dtype].BYTES_PER_ELEMENT;
    if (value === undefined) return;
    const stored = storedDType(dtype);
    const integer = !stored.startsWith('float');
    const path = `${source.name}.default`;
    this.#default = defaultData(value, { dtype: stored, integer, size: this.#size, path });
  }

  read(index: ExampleIndex, single: boolean): NDArray {
    const { wire, rows } = index;
    const { dtype, shape, littleEndian } = this.#feature;
    const memory = uninitialized('uint8', rows * this.#byteLength);
    const missing: number[] = [];
    for (let row = 0; row < rows; row++) {
      const end = index.seek(this.#source, row);
      if (end >= 0) wire.copy(this.#enter(wire, end), memory, row * this.#byteLength);
      else if (this.#default) missing.push(row);
      else index.failMissing(this.#source.name, DECLARE_DEFAULT);
    }
    const data = storedNumbers(dtype, memory, littleEndian);
    for (const row of missing) copyElements(this.#default ?? [], data, row * this.#size);
    return uncheckedArray<RawDType>(storedDType(dtype), single ? shape : [rows, ...shape], data);
  }

  #enter(wire: WireReader, end: number): number {
    const valueEnd = enterOnlyValue(wire, end);
    const found = valueEnd - wire.position;
    if (found === this.#byteLength) return valueEnd;
    const { dtype, shape } = this.#feature;
    const expected = `expected ${this.#byteLength} bytes (${dtype} of shape [${shape.join(', ')}])`;
    return wire.fail('malformed', `${expected}, found ${found}: check the dtype and the shape`);
  }
}
