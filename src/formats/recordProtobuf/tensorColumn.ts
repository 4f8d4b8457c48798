import { quote } from '../../base/showValue.js';
import { uncheckedArray, sizeOfShape, type DataOf, type NDArray, type SparseArray } from '../../arrays/ndarray.js';
import { TENSOR_KEYS, TENSOR_SHAPE, VALUE_FIELDS, type RecordDType, type RecordMap } from './recordLayout.js';
import type { RecordIndex } from './recordIndex.js';
import { readUint64s, TENSOR_VALUE_TYPES } from './tensorValues.js';

/**
 * The rank is limited, because each value of a sparse array has an index of 8 bytes for each dimension. NumPy 1 has the
 * same limit.
 */
export const MAX_RANK = 32;

export interface TensorSource {
  readonly map: RecordMap;
  readonly name: string;
  readonly key: number;
  readonly kind: 'dense' | 'sparse';
  readonly dtype: RecordDType;
  readonly shape?: readonly number[] | undefined;
}

interface Measure {
  readonly count: number;
  readonly keys: readonly number[];
  readonly shape: readonly number[];
}

export class TensorColumn {
  readonly #source: TensorSource;

  constructor(source: TensorSource) {
    this.#source = source;
  }

  read(index: RecordIndex, rows: number, single: boolean): NDArray | SparseArray {
    const { kind, dtype } = this.#source;
    const measures = Array.from({ length: rows }, (_, row) => this.#measure(index, row));
    const shape = this.#source.shape ?? measures[0]?.shape ?? [];
    for (const [row, measure] of measures.entries()) this.#checkShape(index, row, shape, measure);
    const total = measures.reduce((sum, { count }) => sum + count, 0);
    const data = this.#readValues(index, measures, total);
    const denseShape = single ? shape : [rows, ...shape];
    if (kind === 'dense') return uncheckedArray<RecordDType>(dtype, denseShape, data);
    return {
      indices: indicesOf(measures, { shape, total, single }),
      values: uncheckedArray<RecordDType>(dtype, [total], data),
      denseShape,
    };
  }

  #measure(index: RecordIndex, row: number): Measure {
    const { map, name, dtype, kind } = this.#source;
    const { wire } = index;
    wire.feature = `${map} ${quote(name)}`;
    const end = this.#enter(index, row);
    const start = wire.position;
    const count = TENSOR_VALUE_TYPES[dtype].count(wire, end);
    const readNumbers = (field: number) => {
      wire.position = start;
      return dtype === 'bytes' ? [] : readUint64s(wire, end, field);
    };
    const keys = readNumbers(TENSOR_KEYS);
    const shape = readNumbers(TENSOR_SHAPE);
    wire.position = start;
    if (kind === 'dense') {
      if (keys.length > 0)
        wire.fail('malformed', "expected a dense tensor, found a sparse tensor: declare kind 'sparse'");
      return { count, keys, shape: shape.length === 0 ? this.#shapeOfVector(count) : shape };
    }
    const hint = keys.length === 0 ? ": if the tensor is dense, declare kind 'dense'" : '';
    if (shape.length === 0)
      wire.fail('malformed', `expected a sparse tensor with a shape, found a tensor without a shape${hint}`);
    if (shape.length > MAX_RANK)
      wire.fail('malformed', `expected a shape of at most ${MAX_RANK} dimensions, found ${shape.length} dimensions`);
    if (keys.length !== count) {
      wire.fail('malformed', `expected as many keys as values, found ${keys.length} keys and ${count} values${hint}`);
    }
    return { count, keys, shape };
  }

  /** SageMaker stores vectors without a shape. */
  #shapeOfVector(count: number): readonly number[] {
    const { shape } = this.#source;
    return shape && sizeOfShape(shape) === count ? shape : [count];
  }

  #enter(index: RecordIndex, row: number): number {
    const { map, key, dtype } = this.#source;
    const { wire } = index;
    const place = index.seek(map, key, row);
    if (!place) return index.failMissing();
    if (place.field !== VALUE_FIELDS[dtype]) {
      const found = Object.entries(VALUE_FIELDS).find(([, field]) => field === place.field)?.[0] ?? '';
      wire.fail('malformed', `expected ${dtype} values, found ${found} values: declare dtype '${found}'`);
    }
    return place.end;
  }

  #checkShape(index: RecordIndex, row: number, expected: readonly number[], { count, keys, shape }: Measure): void {
    const { map, key, kind, dtype, shape: declared } = this.#source;
    const { wire } = index;
    const size = sizeOfShape(shape);
    const fail = (message: string): never => {
      index.seek(map, key, row);
      return wire.fail('malformed', message);
    };
    if (kind === 'dense' && count !== size) {
      const remedy = ": the tensor may be sparse, with no values except zeros; if so, declare kind 'sparse'";
      const hint = count === 0 ? remedy : '';
      fail(`expected ${size} values (shape [${shape.join(', ')}]), found ${count}${hint}`);
    }
    const outside = keys.find((place) => place >= size);
    if (outside !== undefined) fail(`key ${outside} is outside of the shape [${shape.join(', ')}]`);
    if (shape.length !== expected.length || shape.some((length, axis) => length !== expected[axis])) {
      const remedy = `declare the correct shape, as in { dtype: '${dtype}', shape: [${expected.join(', ')}] }`;
      const found = `found [${shape.join(', ')}]`;
      if (declared) fail(`expected shape [${expected.join(', ')}], ${found}`);
      fail(`expected shape [${expected.join(', ')}] (from an earlier record of the batch), ${found}: ${remedy}`);
    }
  }

  #readValues(index: RecordIndex, measures: readonly Measure[], total: number): DataOf[RecordDType] {
    const { map, key, dtype } = this.#source;
    const values = TENSOR_VALUE_TYPES[dtype].allocate(total);
    let at = 0;
    for (const [row, { count }] of measures.entries()) {
      const end = index.seek(map, key, row)?.end ?? 0;
      values.read(index.wire, end, at);
      at += count;
    }
    return values.data;
  }
}

interface IndicesOptions {
  readonly shape: readonly number[];
  readonly total: number;
  readonly single: boolean;
}

function indicesOf(measures: readonly Measure[], { shape, total, single }: IndicesOptions): NDArray<'int64'> {
  const rank = shape.length + (single ? 0 : 1);
  const indices = new BigInt64Array(total * rank);
  let at = 0;
  for (const [row, { keys }] of measures.entries()) {
    for (const key of keys) {
      let rest = key;
      for (let axis = shape.length - 1; axis >= 0; axis--) {
        const length = shape[axis] ?? 1;
        indices[at + rank - shape.length + axis] = BigInt(rest % length);
        rest = Math.floor(rest / length);
      }
      if (!single) indices[at] = BigInt(row);
      at += rank;
    }
  }
  return uncheckedArray('int64', [total, rank], indices);
}
