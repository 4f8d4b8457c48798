import {
  isNDArray,
  uncheckedArray,
  type NDArray,
  type NestedRaggedArray,
  type RaggedArray,
} from '../../arrays/ndarray.js';
import { quote } from '../../base/showValue.js';
import type { Column } from './column.js';
import type { ExampleIndex } from './exampleIndex.js';
import { partitionLimits, type PartitionKind } from './partitionLimits.js';
import { readRows, rowLength } from './raggedRows.js';
import type { ValueSource } from '../protobuf/values.js';

/** A partition with its numbers in a feature, or with a fixed row length. */
export type RaggedPartition =
  | { readonly kind: PartitionKind; readonly source: ValueSource<'int64'> }
  | { readonly rowLength: number };

type Part = NDArray | RaggedArray | NestedRaggedArray;

interface Partitioned {
  readonly values: Part;
  /** The row splits of the records. */
  readonly rowSplits: Int32Array;
}

/** Reads ragged features. The last partition is the innermost one, and is applied first. */
export class RaggedColumn implements Column {
  readonly #name: string;
  readonly #source: ValueSource;
  readonly #partitions: readonly RaggedPartition[];

  constructor(name: string, source: ValueSource, partitions: readonly RaggedPartition[] = []) {
    this.#name = name;
    this.#source = source;
    this.#partitions = partitions.toReversed();
  }

  /** For a single record, returns its only row. */
  read(index: ExampleIndex, single: boolean): Part {
    const { data, rowSplits } = readRows(index, this.#source);
    let parts: Partitioned = { values: uncheckedArray(this.#source.type.dtype, [data.length], data), rowSplits };
    for (const partition of this.#partitions) {
      parts =
        'source' in partition ? this.#split(index, parts, partition) : this.#cut(index, parts, partition.rowLength);
    }
    return single ? parts.values : (parts as RaggedArray);
  }

  #split(
    index: ExampleIndex,
    parts: Partitioned,
    { kind, source }: Extract<RaggedPartition, { kind: unknown }>,
  ): Partitioned {
    const numbers = readRows(index, source);
    const ends = [0];
    const rowSplits = parts.rowSplits.map((start, record) => {
      if (record === index.rows) return 0;
      const list = numbers.data.subarray(numbers.rowSplits[record], numbers.rowSplits[record + 1]);
      const count = rowLength(parts.rowSplits, record);
      const limits = partitionLimits(kind, Array.from(list, Number), count);
      if (!limits)
        this.#fail(
          index,
          record,
          `${kind} in ${quote(source.name)} for ${count} values, found [${list.slice(0, 20).join(', ')}]`,
        );
      const first = ends.length - 1;
      for (const limit of limits) ends.push(start + limit);
      return first;
    });
    rowSplits[index.rows] = ends.length - 1;
    return { values: { values: parts.values, rowSplits: Int32Array.from(ends) } as RaggedArray, rowSplits };
  }

  #cut(index: ExampleIndex, { values, rowSplits }: Partitioned, length: number): Partitioned {
    for (let record = 0; record < index.rows; record++) {
      const count = rowLength(rowSplits, record);
      if (count % length !== 0)
        this.#fail(index, record, `a multiple of ${length} values (uniformRowLength), found ${count}`);
    }
    const rows = (rowSplits[index.rows] ?? 0) / length;
    const [, ...inner] = isNDArray(values) ? values.shape : [];
    const cut = isNDArray(values)
      ? { ...values, shape: [rows, length, ...inner] }
      : { values, rowSplits: Int32Array.from({ length: rows + 1 }, (_, row) => row * length) };
    return { values: cut, rowSplits: rowSplits.map((split) => split / length) };
  }

  #fail(index: ExampleIndex, record: number, expected: string): never {
    index.seek(this.#source, record);
    index.wire.feature = this.#name;
    return index.wire.fail('malformed', `expected ${expected}`);
  }
}
