import { fromBinary, type Message } from '@bufbuild/protobuf';
import { isUtf8 } from 'node:buffer';
import { EXAMPLE } from './exampleDescriptors.js';
import { int64Bytes, type FeatureList } from './readExample.js';
import { delimited, NoMessage, wireFields } from './wireFields.js';

/*
 * Where a generic library must be expected to differ, each of which TensorFlow decides as this project does, or is a
 * leniency of the library's own:
 *
 *   a Feature without a list        protobuf puts it in the place of an earlier one of its name; to TensorFlow it is not there
 *   a Feature with several lists    protobuf takes the last, or merges those of a kind; to TensorFlow it is an error
 *   an entry with several keys or values   the library merges the values; the last one stands here, as in a map of TensorFlow
 *   a name that is not UTF-8        proto3 refuses it, or replaces the bytes; here names are compared as bytes
 *   a field of an unexpected wire type     the library reads it as if it were of the declared one; here it is unknown
 *   a message that is damaged inside       the library lets a field run over the end of its message; here that is an error
 *                                          where somebody asked for it, and nobody looks at it elsewhere
 *   an entry that a later one replaces     the library reads what it holds, and may find it damaged; here nobody looks at it
 *   a NaN with a payload                   the library gives numbers, of which NaN is one; here every bit is kept
 */

/**
 * Whether nothing of that but the last two, which the comparison allows for, can be met in an Example: a generic library has
 * to agree then, also on whether it can be read.
 */
export function isPlainExample(example: Uint8Array): boolean {
  try {
    return onlyOf(example, 1).every((features) => onlyOf(features, 1).every(isPlainEntry));
  } catch (error) {
    if (error instanceof NoMessage) return false;
    throw error;
  }
}

/** The messages in a field of this number, which is of no other wire type. */
function onlyOf(message: Uint8Array, number: number): Uint8Array[] {
  return wireFields(message)
    .filter((field) => field.number === number)
    .map((field) => delimited(field) ?? unexpected());
}

function unexpected(): never {
  throw new NoMessage('an unexpected wire type');
}

function isPlainEntry(entry: Uint8Array): boolean {
  const [keys, values] = [onlyOf(entry, 1), onlyOf(entry, 2)];
  return keys.length <= 1 && keys.every((key) => isUtf8(key)) && values.length === 1 && isPlainFeature(values[0]!);
}

function isPlainFeature(feature: Uint8Array): boolean {
  const lists = wireFields(feature).filter(({ number }) => number <= 3);
  return lists.length === 1 && lists.every((list) => isPlainList(list.number, delimited(list) ?? unexpected()));
}

/** The wire types of a value alone, by kind; any may come packed, save bytes. */
const SINGLE: Readonly<Record<number, number>> = { 1: 2, 2: 5, 3: 0 };

function isPlainList(kind: number, list: Uint8Array): boolean {
  return wireFields(list).every((field) => {
    if (field.number !== 1 || field.wireType === SINGLE[kind]) return true;
    const packed = delimited(field) ?? unexpected();
    return kind === 2 ? packed.length % 4 === 0 : packed.length === 0 || packed.at(-1)! < 0x80;
  });
}

interface GenericFeature {
  readonly kind: {
    readonly case: string;
    readonly value: { readonly value: readonly (number | bigint | Uint8Array)[] };
  };
}

/** All features of an Example, as the generic library reads them. */
export function readGenerically(example: Uint8Array): Map<string, FeatureList> {
  const { features } = fromBinary(EXAMPLE, example) as Message & {
    readonly features?: { readonly feature: Readonly<Record<string, GenericFeature>> };
  };
  return new Map(
    Object.entries(features?.feature ?? {}).map(([name, { kind }]) => {
      const values = kind.value.value.map((value) => {
        if (typeof value === 'bigint') return int64Bytes(BigInt.asUintN(64, value));
        return typeof value === 'number' ? new Uint8Array(Float32Array.of(value).buffer) : value;
      });
      const listKind = ({ bytesList: 1, floatList: 2, int64List: 3 } as const)[kind.case as 'bytesList'];
      return [Buffer.from(name).toString('latin1'), { kind: listKind, values }];
    }),
  );
}
