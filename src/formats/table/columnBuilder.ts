import { uncheckedArray, type DType, type NDArray } from '../../arrays/ndarray.js';
import type { CsvValue } from '../csv/csvValue.js';
import { FLOAT32_KIND, FLOAT64_KIND, INT32_KIND, OTHER_KIND } from './scanNumbers.js';
import type { TableDType } from './tableDType.js';

const KINDS: Readonly<Record<TableDType, number>> = {
  float64: FLOAT64_KIND,
  float32: FLOAT32_KIND,
  int32: INT32_KIND,
  int64: OTHER_KIND,
  bool: OTHER_KIND,
  string: OTHER_KIND,
};

/**
 * The typed array of each dtype. Numbers are read as float64, and copied to such an array when the table is complete.
 */
const ARRAY_OF = { float64: Float64Array, float32: Float32Array, int32: Int32Array, bool: Uint8Array } as const;

interface ColumnParts {
  readonly name: string;
  readonly dtype: TableDType;
  /** How to read the fields of the column. Default: the kind of the dtype. */
  readonly kind?: number | undefined;
  readonly default: CsvValue | undefined;
  readonly start: number;
  readonly numbers: Float64Array;
}

export class ColumnBuilder {
  readonly name: string;
  readonly dtype: TableDType;
  readonly kind: number;
  /** The value of empty fields, or `undefined` if an empty field is an error. */
  readonly default: CsvValue | undefined;
  /** The index of `numbers` in the memory of all columns. */
  readonly start: number;
  /** The values of a column of float32, float64, int32 or bool. */
  readonly numbers: Float64Array;
  int64s: BigInt64Array | undefined;
  strings: Uint8Array[] | undefined;

  constructor({ name, dtype, kind = KINDS[dtype], default: value, start, numbers }: ColumnParts) {
    this.name = name;
    this.dtype = dtype;
    this.kind = kind;
    this.default = value;
    this.start = start;
    this.numbers = numbers;
    this.#allocate();
  }

  /** Returns the first rows as an array, and begins the next table. All columns share the object `shape`. */
  take(shape: readonly [rows: number]): NDArray {
    const [rows] = shape;
    const { dtype, strings, int64s, numbers } = this;
    this.#allocate();
    if (strings) return uncheckedArray('bytes', shape, rows < strings.length ? strings.slice(0, rows) : strings);
    if (int64s) return uncheckedArray('int64', shape, rows < int64s.length ? int64s.slice(0, rows) : int64s);
    const NumberArray = ARRAY_OF[dtype as keyof typeof ARRAY_OF];
    return uncheckedArray<DType>(dtype as DType, shape, new NumberArray(numbers.subarray(0, rows)));
  }

  #allocate(): void {
    if (this.dtype === 'string') this.strings = new Array<Uint8Array>(this.numbers.length);
    if (this.dtype === 'int64') this.int64s = new BigInt64Array(this.numbers.length);
  }
}
