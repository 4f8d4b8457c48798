import { types } from 'node:util';
import { crc32 } from 'node:zlib';
import { batchFound, makerOfBatch } from '../../src/arrays/batches.js';
import { isNDArray, scalarOf } from '../../src/arrays/ndarray.js';
import { ValueError } from '../../src/base/errors.js';
import { formatPath } from '../../src/base/formatPath.js';
import { isPlainObject } from '../../src/base/isPlainObject.js';
import { MAX_DEPTH, nestingError } from '../../src/base/nestingError.js';
import { showValue } from '../../src/base/showValue.js';

/**
 * Returns the CRC-32 of a whole item: of its bytes or text, or of the names and values of its parts. Names are sorted,
 * because the order of columns can differ between files.
 *
 * @throws ValueError with the path of a part that cannot be hashed, such as a function or an object of a class, or if
 *   the item is a batch.
 */
export function crcOfItem(caller: string, item: unknown): number {
  const keys: PropertyKey[] = [];
  const crcOf = (part: unknown, crc: number): number => {
    const maker = makerOfBatch(part);
    if (maker !== undefined) throw batchFound(caller, maker, formatPath(keys));
    const value = scalarOf(part);
    const leaf = leafOf(value);
    // For an empty array without memory, `crc32` of Node.js ignores its second argument.
    if (leaf !== undefined) return leaf.length === 0 ? crc : crc32(leaf, crc);
    if (isNDArray(value)) return (value.data as Uint8Array[]).reduce((sum, bytes) => crcOf(bytes, sum), crc);
    const parts = types.isMap(value) || types.isSet(value) ? [...value] : value;
    if (!Array.isArray(parts) && !isPlainObject(parts)) throw withoutKey(caller, value, formatPath(keys));
    if (keys.length > MAX_DEPTH) throw nestingError(caller, item);
    let sum = crc;
    for (const name of Object.keys(parts).sort()) {
      keys.push(Array.isArray(parts) ? Number(name) : name);
      sum = crcOf((parts as Readonly<Record<string, unknown>>)[name], crc32(name, sum));
      keys.pop();
    }
    return sum;
  };
  return crcOf(item, 0);
}

/** Returns `undefined` for a value with parts, and for a value that cannot be hashed. */
function leafOf(value: unknown): string | Uint8Array | undefined {
  if (typeof value === 'string' || value instanceof Uint8Array) return value;
  if (typeof value === 'function' || typeof value === 'symbol') return undefined;
  if (typeof value !== 'object' || value === null) return String(value);
  if (ArrayBuffer.isView(value)) return bytesOf(value);
  if (types.isAnyArrayBuffer(value)) return new Uint8Array(value);
  if (types.isDate(value)) return String(value.getTime());
  if (isNDArray(value) && value.dtype !== 'bytes') return bytesOf(value.data);
  return undefined;
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function withoutKey(caller: string, value: unknown, path: string): ValueError {
  const place = path === '' ? caller : `${caller}: ${path}`;
  const expected = 'expected numbers, texts, bytes, dates, or plain objects and arrays of them';
  return new ValueError(`${place}: ${expected}, found ${showValue(value)}. Set "by" to a feature or a function.`, {
    path,
  });
}
