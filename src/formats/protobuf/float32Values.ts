import { uninitialized } from '../../arrays/ndarray.js';
import { FLOAT_LIST, type Values, type ValueType } from './values.js';
import { FIXED32, LENGTH_DELIMITED, type WireReader } from './wireReader.js';

/** message FloatList { repeated float value = 1 [packed = true]; }. Lists may be packed, unpacked or mixed. */
const PACKED = (1 << 3) | LENGTH_DELIMITED;
const SINGLE = (1 << 3) | FIXED32;
const FLOAT_BYTES = 4;

/** Copies the bytes without conversion, because both protobuf and the machine are little-endian. */
export const float32Type: ValueType<'float32'> = {
  dtype: 'float32',
  listKind: FLOAT_LIST,
  count: countFloats,
  allocate: (size) => new Float32Values(size),
};

function countFloats(wire: WireReader, end: number): number {
  let count = 0;
  while (wire.position < end) {
    const tag = wire.tag(end);
    if (tag === PACKED) {
      const runEnd = wire.enter(end);
      const bytes = runEnd - wire.position;
      if (bytes % FLOAT_BYTES !== 0)
        wire.fail('malformed', `expected float32 values of 4 bytes each, found ${bytes} bytes`);
      count += bytes / FLOAT_BYTES;
      wire.position = runEnd;
    } else {
      wire.skip(tag, end);
      if (tag === SINGLE) count++;
    }
  }
  return count;
}

class Float32Values implements Values<'float32'> {
  readonly data: Float32Array;
  readonly #memory: Uint8Array;

  constructor(size: number) {
    this.data = uninitialized('float32', size);
    this.#memory = new Uint8Array(this.data.buffer);
  }

  read(wire: WireReader, end: number, at: number): void {
    let byte = FLOAT_BYTES * at;
    while (wire.position < end) {
      const tag = wire.tag(end);
      if (tag !== PACKED && tag !== SINGLE) {
        wire.skip(tag, end);
        continue;
      }
      const runEnd = tag === PACKED ? wire.enter(end) : wire.position + FLOAT_BYTES;
      const runBytes = runEnd - wire.position;
      wire.copy(runEnd, this.#memory, byte);
      byte += runBytes;
    }
  }
}
