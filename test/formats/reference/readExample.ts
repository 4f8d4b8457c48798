import { BYTES_LIST, FLOAT_LIST, INT64_LIST, type ListKind } from '../../../src/formats/protobuf/values.js';
import { delimited, messagesIn, NoMessage, wireFields } from './wireFields.js';

/** The values of a feature. A number is its bytes in a typed array, little endian. */
export interface FeatureList {
  readonly kind: ListKind;
  readonly values: readonly Uint8Array[];
}

/** A feature whose content is not read yet. */
interface FeatureEntry {
  readonly key: string;
  readonly feature: Uint8Array;
}

/** Returns the key of an entry as text, one character for each byte, because a key may not be UTF-8. */
const keyText = (key: Uint8Array | undefined): string => Buffer.from(key ?? []).toString('latin1');

/** Returns the key of a feature name in {@link readFeatures}. */
export const keyOf = (name: string): string => keyText(Buffer.from(name));

/** Returns the entries of a map field in order. In each entry, the last key and the last value are used. */
export function readEntries(message: Uint8Array, mapField: number): { key: string; value: Uint8Array | undefined }[] {
  return messagesIn(message, mapField).map((entry) => ({
    key: keyText(messagesIn(entry, 1).at(-1)),
    value: messagesIn(entry, 2).at(-1),
  }));
}

function featureEntries(example: Uint8Array): FeatureEntry[] {
  return messagesIn(example, 1).flatMap((features) =>
    readEntries(features, 1).map(({ key, value = new Uint8Array(0) }) => ({ key, feature: value })),
  );
}

/**
 * Returns the kind and the bytes of a Feature's list, or nothing without a list. Two lists are an error, as in
 * TensorFlow.
 */
export function readFeature(feature: Uint8Array): { readonly kind: ListKind; readonly list: Uint8Array } | undefined {
  const lists = wireFields(feature).flatMap((field) => {
    const list = delimited(field);
    return list && field.number <= INT64_LIST ? [{ kind: field.number as ListKind, list }] : [];
  });
  if (lists.length > 1) throw new NoMessage('a feature with several lists');
  return lists[0];
}

/** Returns the values of a list, packed or not. */
export function readList(kind: ListKind, list: Uint8Array): Uint8Array[] {
  if (kind === BYTES_LIST) return messagesIn(list, 1);
  return wireFields(list).flatMap((field) => {
    if (field.number !== 1) return [];
    const packed = delimited(field);
    if (kind === FLOAT_LIST) {
      if (field.wireType === 5) return [field.value as Uint8Array];
      return packed ? inPieces(packed, 4) : [];
    }
    if (typeof field.value === 'bigint') return [int64Bytes(field.value)];
    return packed ? varints(packed).map(int64Bytes) : [];
  });
}

/** Splits bytes into equal pieces. */
export function inPieces(bytes: Uint8Array, size: number): Uint8Array[] {
  if (bytes.length % size !== 0) throw new NoMessage('a part of a number');
  return Array.from({ length: bytes.length / size }, (_, index) => bytes.subarray(index * size, (index + 1) * size));
}

/** Reads the varints of a packed list. */
export function varints(packed: Uint8Array): bigint[] {
  const numbers: bigint[] = [];
  for (let start = 0, at = 0; start < packed.length; at++) {
    if (at === packed.length) throw new NoMessage('a number that does not end');
    if (packed[at]! >= 0x80) continue;
    const [field] = wireFields(Uint8Array.of(8, ...packed.subarray(start, at + 1)));
    numbers.push(field!.value as bigint);
    start = at + 1;
  }
  return numbers;
}

/** Encodes a 64-bit integer, little endian. */
export function int64Bytes(value: bigint): Uint8Array {
  return new Uint8Array(BigUint64Array.of(value).buffer);
}

/**
 * Returns the requested features of an Example. As in TensorFlow, the last entry of a name is used, and a feature
 * without a list is missing. Other features may contain anything.
 */
export function readFeatures(example: Uint8Array, asked: readonly string[]): Map<string, FeatureList> {
  const found = new Map<string, { readonly kind: ListKind; readonly list: Uint8Array }>();
  for (const { key, feature } of featureEntries(example)) {
    if (!asked.includes(key)) continue;
    const read = readFeature(feature);
    if (read) found.set(key, read);
  }
  return new Map(
    [...found].map(([key, { kind, list }]) => [
      key,
      {
        kind,
        get values() {
          return readList(kind, list);
        },
      },
    ]),
  );
}
