import { types } from 'node:util';

const tagOf = (value: unknown): string => Object.prototype.toString.call(value);

/**
 * Returns true if two items are equal: also the order of properties, the sign of zero and the bits of numbers. Compares
 * no prototypes, because Node.js reads items in another realm than that of the tests.
 */
export function sameItem(one: unknown, other: unknown): boolean {
  if (typeof one !== 'object' || one === null || typeof other !== 'object' || other === null)
    return Object.is(one, other);
  if (tagOf(one) !== tagOf(other) || Buffer.isBuffer(one) !== Buffer.isBuffer(other)) return false;
  if (ArrayBuffer.isView(one)) return bytesOf(one).equals(bytesOf(other as ArrayBufferView));
  if (types.isDate(one)) return Object.is(one.getTime(), (other as Date).getTime());
  return sameParts(partsOf(one), partsOf(other));
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Buffer {
  return Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength);
}

function partsOf(value: object): readonly unknown[] {
  if (types.isMap(value)) return [...value].flat(1);
  if (Array.isArray(value) || types.isSet(value)) return [...(value as Iterable<unknown>)];
  return Object.entries(value).flat(1);
}

function sameParts(parts: readonly unknown[], others: readonly unknown[]): boolean {
  return parts.length === others.length && parts.every((part, index) => sameItem(part, others[index]));
}
