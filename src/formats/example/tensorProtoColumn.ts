import { uncheckedArray, uninitialized, type NDArray, type RawDType } from '../../arrays/ndarray.js';
import { enterOnlyValue } from '../protobuf/bytesValues.js';
import type { ValueSource } from '../protobuf/values.js';
import type { WireReader } from '../protobuf/wireReader.js';
import { STORED_ARRAY_OF, storedDType, storedNumbers } from '../storedNumbers.js';
import { findTensor, readTensorNumbers, readTensorStrings, type FoundTensorProto } from '../tensorProto/tensorProto.js';
import type { Column } from './column.js';
import type { ExampleIndex } from './exampleIndex.js';
import type { TensorFeature } from './features.js';

type Shape = readonly (number | null)[];

/** Reads one serialized TensorProto of each record. */
export class TensorProtoColumn implements Column {
  readonly #source: ValueSource;
  readonly #feature: TensorFeature;

  constructor(source: ValueSource, feature: TensorFeature) {
    this.#source = source;
    this.#feature = feature;
  }

  read(index: ExampleIndex, single: boolean): NDArray {
    const { dtype, shape: declared } = this.#feature;
    const { rows, wire } = index;
    const tensors: FoundTensorProto[] = [];
    for (let row = 0; row < rows; row++) {
      const tensor = this.#find(index, row);
      checkShape(wire, tensor, { declared, first: tensors[0]?.shape });
      tensors.push(tensor);
    }
    const shape = tensors[0]?.shape ?? declared.map((length) => length ?? 0);
    const denseShape = single ? shape : [rows, ...shape];
    if (dtype === 'bytes') {
      const elements = tensors.map((tensor, row) => {
        index.seek(this.#source, row);
        return readTensorStrings(wire, tensor);
      });
      return uncheckedArray(dtype, denseShape, elements.flat());
    }
    const tensorBytes = (tensors[0]?.size ?? 0) * STORED_ARRAY_OF[dtype].BYTES_PER_ELEMENT;
    const memory = uninitialized('uint8', rows * tensorBytes);
    for (const [row, tensor] of tensors.entries()) {
      index.seek(this.#source, row);
      readTensorNumbers(wire, tensor, dtype, memory.subarray(row * tensorBytes, (row + 1) * tensorBytes));
    }
    return uncheckedArray<RawDType>(storedDType(dtype), denseShape, storedNumbers(dtype, memory));
  }

  #find(index: ExampleIndex, row: number): FoundTensorProto {
    const { wire } = index;
    const end = index.seek(this.#source, row);
    if (end < 0) index.failMissing(this.#source.name, 'a tensor must be in every record');
    return findTensor(wire, enterOnlyValue(wire, end), this.#feature.dtype);
  }
}

interface Shapes {
  readonly declared: Shape;
  /** The shape in the first record of the batch. */
  readonly first: Shape | undefined;
}

function checkShape(wire: WireReader, { shape, start }: FoundTensorProto, { declared, first }: Shapes): void {
  const found = `found [${shape.join(', ')}]`;
  if (!fits(shape, declared)) wire.fail('malformed', `expected shape ${shapeText(declared)}, ${found}`, start);
  if (!first || fits(shape, first)) return;
  const remedy = 'to read tensors of several shapes, use parseSingleExample, then paddedBatch';
  const expected = `expected shape ${shapeText(first)} (from the first record of the batch)`;
  wire.fail('malformed', `${expected}, ${found}: ${remedy}`, start);
}

function fits(shape: readonly number[], expected: Shape): boolean {
  return (
    shape.length === expected.length && expected.every((length, axis) => length === null || length === shape[axis])
  );
}

function shapeText(shape: Shape): string {
  return `[${shape.map(String).join(', ')}]`;
}
