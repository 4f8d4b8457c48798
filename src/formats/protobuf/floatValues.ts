import { TYPED_ARRAY_OF, uninitialized } from '../../arrays/ndarray.js';
import { FLOAT_LIST, type Values, type ValueType } from './values.js';
import { FIXED32, FIXED64, LENGTH_DELIMITED, type WireReader } from './wireReader.js';

type FloatDType = 'float32' | 'float64';

/** message FloatList { repeated float value = 1 [packed = true]; }. Lists may be packed, unpacked or mixed. */
export const float32Type = floatType('float32', 1);

/** Copies the bytes without conversion, because both protobuf and the machine are little-endian. */
export function floatType<D extends FloatDType>(dtype: D, field: number): ValueType<D> {
  const { BYTES_PER_ELEMENT: itemBytes } = TYPED_ARRAY_OF[dtype];
  const packed = (field << 3) | LENGTH_DELIMITED;
  const single = (field << 3) | (itemBytes === 4 ? FIXED32 : FIXED64);

  function count(wire: WireReader, end: number): number {
    let numbers = 0;
    while (wire.position < end) {
      const tag = wire.tag(end);
      if (tag === packed) {
        const runEnd = wire.enter(end);
        const bytes = runEnd - wire.position;
        if (bytes % itemBytes !== 0)
          wire.fail('malformed', `expected ${dtype} values of ${itemBytes} bytes each, found ${bytes} bytes`);
        numbers += bytes / itemBytes;
        wire.position = runEnd;
      } else {
        wire.skip(tag, end);
        if (tag === single) numbers++;
      }
    }
    return numbers;
  }
  const layout = { dtype, itemBytes, packed, single };
  return { dtype, listKind: FLOAT_LIST, count, allocate: (size) => new FloatValues(size, layout) };
}

interface FloatLayout<D extends FloatDType> {
  readonly dtype: D;
  readonly itemBytes: number;
  readonly packed: number;
  readonly single: number;
}

class FloatValues<D extends FloatDType> implements Values<D> {
  readonly data: Values<D>['data'];
  readonly #memory: Uint8Array;
  readonly #layout: FloatLayout<D>;

  constructor(size: number, layout: FloatLayout<D>) {
    this.data = uninitialized(layout.dtype, size);
    this.#memory = new Uint8Array((this.data as Float32Array).buffer);
    this.#layout = layout;
  }

  read(wire: WireReader, end: number, at: number): void {
    const { itemBytes, packed, single } = this.#layout;
    let byte = itemBytes * at;
    while (wire.position < end) {
      const tag = wire.tag(end);
      if (tag !== packed && tag !== single) {
        wire.skip(tag, end);
        continue;
      }
      const runEnd = tag === packed ? wire.enter(end) : wire.position + itemBytes;
      const runBytes = runEnd - wire.position;
      wire.copy(runEnd, this.#memory, byte);
      byte += runBytes;
    }
  }
}
