import { BinaryWriter } from '@bufbuild/protobuf/wire';
import { ConfigError } from '../../base/errors.js';
import { requireBytes } from '../../base/requireBytes.js';
import { quoteNames, showValue } from '../../base/showValue.js';
import { requireNames } from '../protobuf/requireNames.js';
import { tagOf, writeMapEntry } from '../protobuf/writeMapEntry.js';

/* All fields are length-delimited. `exampleIndex.ts` shows the messages. */
const FIELD_1 = tagOf(1);
const FIELD_2 = tagOf(2);
const FIELD_3 = tagOf(3);

/** The values of one feature. The property has the name of the list in protobuf's JSON format. */
export type FeatureValues =
  | { readonly int64List: ArrayLike<number | bigint> }
  | { readonly floatList: ArrayLike<number> }
  | { readonly bytesList: readonly Uint8Array[] };

/**
 * Serializes one `tf.train.Example`. Lists are packed. Equal input produces equal bytes.
 *
 * ```ts
 * import { encodeExample } from 'millrace/formats';
 *
 * const record = encodeExample({ label: { int64List: [3] }, image: { bytesList: [new Uint8Array(784)] } });
 * ```
 *
 * @throws ConfigError with the path of a value that does not fit the type of its list.
 * @see https://github.com/tensorflow/tensorflow/blob/master/tensorflow/core/example/example.proto
 */
export function encodeExample(features: Readonly<Record<string, FeatureValues>>): Uint8Array {
  requireNames('encodeExample', features, 'features');
  const writer = new BinaryWriter();
  writer.uint32(FIELD_1).fork();
  for (const [name, values] of Object.entries(features)) {
    writeMapEntry(writer, 1, name, () => {
      writeList(writer, name, values);
    });
  }
  return writer.join().finish();
}

function writeList(writer: BinaryWriter, name: string, values: FeatureValues): void {
  if (typeof values !== 'object' || values === null || Array.isArray(values) || ArrayBuffer.isView(values))
    failList(name, showValue(values));
  const kinds = Object.keys(values);
  if (kinds.length !== 1) failList(name, quoteNames(kinds) || 'none');
  if ('bytesList' in values) writeBytesList(writer, `${name}.bytesList`, values.bytesList);
  else if ('floatList' in values) writeFloatList(writer, `${name}.floatList`, values.floatList);
  else if ('int64List' in values) writeInt64List(writer, `${name}.int64List`, values.int64List);
  else failList(name, quoteNames(kinds));
}

function failList(name: string, found: string): never {
  const expected = 'expected an object with int64List, floatList or bytesList';
  throw new ConfigError(`encodeExample: ${name}: ${expected}, found ${found}`, { path: name });
}

/** Rejects a string, although a string also has a length. */
function requireList(list: unknown, path: string): void {
  if (Array.isArray(list) || (ArrayBuffer.isView(list) && !(list instanceof DataView))) return;
  failValue('an array or a typed array', list, path);
}

function writeBytesList(writer: BinaryWriter, path: string, list: readonly Uint8Array[]): void {
  requireList(list, path);
  writer.uint32(FIELD_1).fork();
  for (const [index, value] of list.entries()) {
    requireBytes('encodeExample', value, { path: `${path}[${index}]` });
    writer.uint32(FIELD_1).bytes(value);
  }
  writer.join();
}

function writeFloatList(writer: BinaryWriter, path: string, list: ArrayLike<number>): void {
  requireList(list, path);
  const floats = Float32Array.from(list);
  for (const [index, float] of floats.entries()) {
    const value = list[index];
    const fits = typeof value === 'number' && (Number.isFinite(float) || !Number.isFinite(value));
    if (!fits) failValue('a number in the range of float32', value, `${path}[${index}]`);
  }
  writer.uint32(FIELD_2).fork();
  writer.uint32(FIELD_1).bytes(new Uint8Array(floats.buffer));
  writer.join();
}

function writeInt64List(writer: BinaryWriter, path: string, list: ArrayLike<number | bigint>): void {
  requireList(list, path);
  writer.uint32(FIELD_3).fork();
  writer.uint32(FIELD_1).fork();
  for (let index = 0; index < list.length; index++) {
    const value = list[index];
    const exact = typeof value === 'bigint' ? BigInt.asIntN(64, value) === value : Number.isSafeInteger(value);
    if (value === undefined || !exact) failValue('a safe integer, or a 64-bit bigint', value, `${path}[${index}]`);
    writer.int64(value);
  }
  writer.join().join();
}

function failValue(expected: string, found: unknown, path: string): never {
  throw new ConfigError(`encodeExample: ${path}: expected ${expected}, found ${showValue(found)}`, { path });
}
