import { allocate, type DataOf } from '../../arrays/ndarray.js';
import { countInt64s, Int64Values } from './int64Values.js';
import { INT64_LIST, type Values, type ValueType } from './values.js';
import type { WireReader } from './wireReader.js';

/**
 * The dtypes to which int64 features can be converted. A value out of range is an error. For float32, the range is
 * ±2^24: float32 represents all these integers exactly.
 */
export type NarrowDType = 'int32' | 'float32';

export const NARROW_RANGES = {
  int32: { min: -(2 ** 31), max: 2 ** 31 - 1 },
  float32: { min: -(2 ** 24), max: 2 ** 24 },
} as const satisfies Record<NarrowDType, { readonly min: number; readonly max: number }>;

export function narrowType<D extends NarrowDType>(dtype: D): ValueType<D> {
  return {
    dtype,
    listKind: INT64_LIST,
    count: (wire, end) => countInt64s(wire, end),
    allocate: (size) => new NarrowValues(dtype, size),
  };
}

class NarrowValues<D extends NarrowDType> implements Values<D> {
  readonly data: DataOf[D];
  readonly #dtype: NarrowDType;
  readonly #exact: Int64Values;

  constructor(dtype: D, size: number) {
    this.data = allocate(dtype, size);
    this.#dtype = dtype;
    this.#exact = new Int64Values(size);
  }

  read(wire: WireReader, end: number, at: number): void {
    const { min, max } = NARROW_RANGES[this.#dtype];
    const { words } = this.#exact;
    const start = wire.position;
    const stop = this.#exact.read(wire, end, at);
    for (let index = at; index < stop; index++) {
      const low = words[2 * index] ?? 0;
      // If a number fits in 32 bits, its upper half contains only the sign.
      if (words[2 * index + 1] !== low >> 31 || low < min || low > max) {
        const found = this.#exact.data[index]?.toString() ?? '';
        wire.fail(
          'malformed',
          `${found} is out of the range of ${this.#dtype}: to read int64, remove "as" from the feature`,
          start,
        );
      }
      this.data[index] = low;
    }
  }
}
