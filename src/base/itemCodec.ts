import { types } from 'node:util';
import { deserialize, serialize } from 'node:v8';
import { ValueError } from './errors.js';
import { formatPath } from './formatPath.js';
import { isPlainObject } from './isPlainObject.js';
import { showValue } from './showValue.js';

/** The maximum size of a record that the reader accepts. */
export const MAX_ITEM_BYTES = 2 ** 31 - 1;

/**
 * Encodes an item in V8's format, whose first two bytes are 0xff and its version. Node.js reads this format also in
 * later versions.
 *
 * @param name - the name of the stage, for errors.
 * @throws ValueError with the path of a part that cannot be stored, or if the item is too large.
 * @see https://nodejs.org/api/v8.html#serialization-api
 */
export function encodeItem(name: string, item: unknown): Uint8Array {
  requirePlain(name, item);
  const bytes = serialize(item);
  if (bytes.length <= MAX_ITEM_BYTES) return bytes;
  throw new ValueError(`${name}: expected an item below 2 GiB, found ${bytes.length} bytes. Use smaller batches.`, {
    path: '',
  });
}

/** Returns an item with its own memory. Throws errors of V8. */
export function decodeItem(record: Uint8Array): unknown {
  // V8 returns views on its input, so one small array would keep a whole chunk in memory.
  return deserialize(new Uint8Array(record));
}

/**
 * @throws ValueError for functions and symbols, also as keys, and for objects of classes, which would be read as plain
 * objects.
 */
export function requirePlain(name: string, item: unknown): void {
  const keys: PropertyKey[] = [];
  const seen = new Set<unknown>();
  const visitPart = (key: PropertyKey, part: unknown): void => {
    keys.push(key);
    visit(part);
    keys.pop();
  };
  const visit = (value: unknown): void => {
    if (isLeaf(value) || seen.has(value)) return;
    seen.add(value);
    const parts = types.isMap(value) || types.isSet(value) ? [...value] : value;
    if (Array.isArray(parts)) parts.forEach((part, index) => visitPart(index, part));
    else if (isPlainObject(parts))
      for (const key of Reflect.ownKeys(parts)) visitPart(key, typeof key === 'symbol' ? key : parts[key]);
    else {
      const path = formatPath(keys);
      const place = path === '' ? name : `${name}: ${path}`;
      throw new ValueError(`${place}: found ${showValue(value)}, which cannot be stored. Convert it with map().`, {
        path,
      });
    }
  };
  visit(item);
}

function isLeaf(value: unknown): boolean {
  if (typeof value === 'object') return value === null || ArrayBuffer.isView(value) || types.isDate(value);
  return typeof value !== 'function' && typeof value !== 'symbol';
}
