/**
 * Items whose arrays are read without copies. The layout, with little-endian numbers:
 *
 *   uint32      the byte length of the head
 *   head        the item in V8's format. For each array: the index of its class, and its byte length, as varints of V8
 *   arrays      in the order of the head, each at the next multiple of 8
 */
import { DefaultDeserializer, DefaultSerializer } from 'node:v8';
import { ValueError } from './errors.js';
import { MAX_ITEM_BYTES, requirePlain } from './itemCodec.js';

const CLASSES = [
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
  DataView,
] as const;

const PREFIX_BYTES = 4;

const aligned = (offset: number): number => Math.ceil(offset / 8) * 8;

class Writer extends DefaultSerializer {
  readonly arrays: ArrayBufferView[] = [];

  /** Called by V8 for each array. A `Buffer` becomes a `Uint8Array`. */
  _writeHostObject(array: ArrayBufferView): void {
    this.writeUint32(CLASSES.findIndex((each) => array instanceof each));
    this.writeUint32(array.byteLength);
    this.arrays.push(array);
  }
}

const NOTHING = new Uint8Array(0);

/** Only a collection of the whole heap frees a reader, so a reader must not refer to the memory of an item for long. */
class Reader extends DefaultDeserializer {
  #memory: Uint8Array;
  #end: number;

  constructor(memory: Uint8Array, headEnd: number) {
    super(new Uint8Array(memory.subarray(PREFIX_BYTES, headEnd)));
    this.#memory = memory;
    this.#end = headEnd;
  }

  read(): unknown {
    try {
      if (!this.readHeader()) throw new Error('not in the format of V8');
      return this.readValue();
    } finally {
      this.#memory = NOTHING;
    }
  }

  /** Called by V8 for each array. */
  _readHostObject(): ArrayBufferView {
    const Class = CLASSES[this.readUint32()];
    const byteLength = this.readUint32();
    const start = aligned(this.#end);
    this.#end = start + byteLength;
    const size = Class && 'BYTES_PER_ELEMENT' in Class ? Class.BYTES_PER_ELEMENT : 1;
    if (!Class || byteLength % size !== 0 || this.#end > this.#memory.length) throw new RangeError('a bad array');
    return Reflect.construct(Class, [
      this.#memory.buffer,
      this.#memory.byteOffset + start,
      byteLength / size,
    ]) as DataView;
  }
}

/**
 * Encodes an item.
 *
 * @param name - the name of the stage, for errors.
 * @throws ValueError with the path of a part that cannot be sent, or if the item is too large.
 */
export function encodeAlignedItem(name: string, item: unknown): Uint8Array {
  requirePlain(name, item);
  const writer = new Writer();
  writer.writeHeader();
  writer.writeValue(item);
  const head = writer.releaseBuffer();
  const headEnd = PREFIX_BYTES + head.length;
  const byteLength = writer.arrays.reduce((end, array) => aligned(end) + array.byteLength, headEnd);
  if (byteLength > MAX_ITEM_BYTES)
    throw new ValueError(`${name}: expected an item below 2 GiB, found ${byteLength} bytes. Use smaller batches.`, {
      path: '',
    });
  const memory = new Uint8Array(byteLength);
  new DataView(memory.buffer).setUint32(0, head.length, true);
  memory.set(head, PREFIX_BYTES);
  let offset = headEnd;
  for (const { buffer, byteOffset, byteLength: length } of writer.arrays) {
    offset = aligned(offset);
    memory.set(new Uint8Array(buffer, byteOffset, length), offset);
    offset += length;
  }
  return memory;
}

/**
 * Returns an item whose arrays are views on `memory`. `memory` must begin at a multiple of 8 in its buffer. Throws an
 * error if the bytes have a different format.
 */
export function decodeAlignedItem(memory: Uint8Array): unknown {
  const headLength = new DataView(memory.buffer, memory.byteOffset, memory.length).getUint32(0, true);
  return new Reader(memory, PREFIX_BYTES + headLength).read();
}
