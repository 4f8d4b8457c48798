import { BYTES_LIST, FLOAT_LIST, INT64_LIST, type ListKind } from '../../../src/formats/protobuf/values.js';
import { delimited, messagesIn, NoMessage, wireFields } from './wireFields.js';

/** A feature's values: numbers as the bytes that they have in a typed array, little endian. */
export interface FeatureList {
  readonly kind: ListKind;
  readonly values: readonly Uint8Array[];
}

/** A feature as it stands in its entry; what it holds has not been looked at. */
interface FeatureEntry {
  readonly key: string;
  readonly feature: Uint8Array;
}

/** The key of an entry as text of which each character is a byte, so that no key is lost to what is not UTF-8. */
const keyText = (key: Uint8Array | undefined): string => Buffer.from(key ?? []).toString('latin1');

/** The name of a feature, as {@link readFeatures} has its key. */
export const keyOf = (name: string): string => keyText(Buffer.from(name));

/** The entries of a map field in turn: in each, its last key and its last value count. */
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

/** A Feature's kind of list and its bytes; nothing where it has none. Two lists are an error, as in TensorFlow. */
export function readFeature(feature: Uint8Array): { readonly kind: ListKind; readonly list: Uint8Array } | undefined {
  const lists = wireFields(feature).flatMap((field) => {
    const list = delimited(field);
    return list && field.number <= INT64_LIST ? [{ kind: field.number as ListKind, list }] : [];
  });
  if (lists.length > 1) throw new NoMessage('a feature with several lists');
  return lists[0];
}

/** The values of a list of its kind, packed or not. */
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

/** Equal pieces of bytes. */
export function inPieces(bytes: Uint8Array, size: number): Uint8Array[] {
  if (bytes.length % size !== 0) throw new NoMessage('a part of a number');
  return Array.from({ length: bytes.length / size }, (_, index) => bytes.subarray(index * size, (index + 1) * size));
}

/** The varints that a packed list holds, each read as a field's number is. */
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

/** A number of 64 bits in little endian. */
export function int64Bytes(value: bigint): Uint8Array {
  return new Uint8Array(BigUint64Array.of(value).buffer);
}

/**
 * The features of an Example that are asked for. As TensorFlow has it, the last of a name stands and one without a list
 * is not there; what nobody asks for may hold anything.
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
