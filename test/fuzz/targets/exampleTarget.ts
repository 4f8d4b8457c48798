import assert from 'node:assert/strict';
import { FormatError } from '../../../src/base/errors.js';
import {
  isNDArray,
  type NDArray,
  type NestedRaggedArray,
  type RaggedArray,
  type SparseArray,
} from '../../../src/arrays/ndarray.js';
import { createExampleParser, type ExampleParser } from '../../../src/formats/example/exampleParser.js';
import { FLOAT_LIST } from '../../../src/formats/protobuf/values.js';
import type { Feature, Features } from '../../../src/formats/example/features.js';
import { columnText } from '../../formats/reference/columnText.js';
import { ExampleWriter, NAMES } from '../../formats/reference/drawExample.js';
import { keysOf, parseColumn } from '../../formats/reference/parseColumns.js';
import { readEntries, readFeature, readFeatures, readList } from '../../formats/reference/readExample.js';
import { isPlainExample, readGenerically } from '../../formats/reference/readGenerically.js';
import { messagesIn, NoMessage } from '../../formats/reference/wireFields.js';
import { fixtureJson, fromBase64 } from '../../formats/support/fixtures.js';
import { poisonedChunks, type Draw } from '../../support/poisonedChunks.js';
import type { FuzzTarget } from '../fuzzTarget.js';

/** Any value of a parser. */
export type Parsed = NDArray | SparseArray | RaggedArray | NestedRaggedArray;

/** One feature of every form. Each parser requests one or two of them, by names that records have. */
const FEATURES: readonly Feature[] = [
  { kind: 'fixedLen', shape: [], dtype: 'int64' },
  { kind: 'fixedLen', shape: [2], dtype: 'int64', as: 'int32', default: [7, 8] },
  { kind: 'fixedLen', shape: [2], dtype: 'float32', default: 0.5 },
  { kind: 'fixedLen', shape: [], dtype: 'bytes', defaultBase64: 'AQI=' },
  { kind: 'varLen', dtype: 'int64' },
  { kind: 'varLen', dtype: 'int64', as: 'float32' },
  { kind: 'varLen', dtype: 'float32' },
  { kind: 'varLen', dtype: 'bytes' },
  { kind: 'fixedLenSequence', shape: [2], dtype: 'float32', default: -1 },
  { kind: 'fixedLenSequence', shape: [], dtype: 'bytes' },
  { kind: 'fixedLenSequence', shape: [1, 2], dtype: 'int64' },
  { kind: 'ragged', dtype: 'int64' },
  { kind: 'ragged', dtype: 'bytes' },
  { kind: 'ragged', dtype: 'float32' },
  { kind: 'sparse', indexKey: 'a', valueKey: 'b', dtype: 'float32', size: 10 },
  { kind: 'sparse', indexKey: 'b', valueKey: 'a', dtype: 'bytes', size: 10 },
  { kind: 'sparse', indexKey: ['a', 'b'], valueKey: 'constructor', dtype: 'int64', size: [4, 5] },
  { kind: 'ragged', dtype: 'int64', partitions: [{ rowLengths: 'b' }] },
  { kind: 'ragged', dtype: 'float32', valueKey: 'a', partitions: [{ rowSplits: 'b' }, { uniformRowLength: 2 }] },
  { kind: 'ragged', dtype: 'bytes', valueKey: 'a', partitions: [{ uniformRowLength: 1 }, { valueRowIds: 'b' }] },
  { kind: 'ragged', dtype: 'int64', as: 'int32', partitions: [{ rowStarts: 'a' }, { rowLimits: 'b' }] },
  { kind: 'raw', shape: [2], dtype: 'uint8' },
  { kind: 'raw', shape: [], dtype: 'float32' },
  { kind: 'raw', shape: [2], dtype: 'int16', littleEndian: false, default: -2 },
  { kind: 'raw', shape: [1], dtype: 'float16', default: 0.5 },
  { kind: 'raw', shape: [2], dtype: 'bfloat16', littleEndian: false },
];

interface Asked {
  readonly features: Features;
  readonly parser: ExampleParser<Features>;
}

const ASKED = new Map<string, Asked>();

function askedFor(draw: Draw): Asked {
  const entries = Array.from({ length: 1 + draw(2) }, () => [draw(NAMES.length), draw(FEATURES.length)] as const);
  const key = JSON.stringify(entries);
  const known = ASKED.get(key);
  if (known) return known;
  const features = Object.fromEntries(entries.map(([name, feature]) => [NAMES[name]!, FEATURES[feature]!]));
  const asked = { features, parser: createExampleParser(features) };
  ASKED.set(key, asked);
  return asked;
}

/** Returns the result of a parser as text, or `undefined` for a bad record. */
export function parsedText(records: readonly Uint8Array[], parse: () => object): string | undefined {
  try {
    return entriesText(
      Object.entries(parse() as Record<string, Parsed>).map(([name, value]) => [name, columnText(value)]),
    );
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    const record = records[error.recordIndex];
    assert.ok(record, `record ${error.recordIndex} of ${records.length}`);
    assert.ok(error.byteOffset >= 0 && error.byteOffset <= record.length, `offset ${error.byteOffset}`);
    return undefined;
  }
}

/** Returns the result of the reference as text, or `undefined` for a bad record. */
export function referenceText(entries: () => readonly (readonly [string, string])[]): string | undefined {
  try {
    return entriesText(entries());
  } catch (error) {
    if (error instanceof NoMessage) return undefined;
    throw error;
  }
}

function entriesText(entries: readonly (readonly [string, string])[]): string {
  return JSON.stringify(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** Returns all bytes values in a parsed result. */
export function bytesIn(parsed: object): Uint8Array[] {
  return (Object.values(parsed) as Parsed[]).flatMap((value) => {
    let array: Parsed = value;
    while (!isNDArray(array)) array = array.values;
    return array.dtype === 'bytes' ? array.data : [];
  });
}

function compare({ features, parser }: Asked, records: readonly Uint8Array[], single: boolean): string | undefined {
  const expected = referenceText(() => {
    const rows = records.map((record) => readFeatures(record, keysOf(features)));
    return Object.entries(features).map(([name, feature]) => [name, parseColumn(name, feature, rows, single)]);
  });
  const found = parsedText(records, () => (single ? parser.parseSingle(records[0]!) : parser.parseBatch(records)));
  assert.equal(found, expected, `${JSON.stringify(features)}, ${single ? 'a record' : 'a batch'}`);
  return found;
}

/** Returns a value as text. The library returns floats as numbers, which have only one NaN. */
function valueText(kind: number, value: Uint8Array): string {
  const isNaN = kind === FLOAT_LIST && Number.isNaN(new DataView(value.buffer, value.byteOffset).getFloat32(0, true));
  return isNaN ? 'nan' : Buffer.from(value).toString('hex');
}

/** The generic library must read the same features from each valid Example. */
function compareGenerically(example: Uint8Array): void {
  if (!isPlainExample(example)) return;
  const entries = messagesIn(example, 1).flatMap((features) => readEntries(features, 1));
  const names = entries.map(({ key }) => key);
  const text = (features: ReturnType<typeof readFeatures>) =>
    JSON.stringify(
      names.map((name) => {
        const list = features.get(name);
        return list && [list.kind, list.values.map((value) => valueText(list.kind, value))];
      }),
    );
  const expected = referenceText(() => {
    // The library, unlike a parser, also reads an entry that a later entry replaces.
    for (const { value } of entries) {
      const read = readFeature(value!);
      if (read) readList(read.kind, read.list);
    }
    return [['features', text(readFeatures(example, names))]];
  });
  if (expected === undefined) assert.throws(() => readGenerically(example));
  else assert.equal(entriesText([['features', text(readGenerically(example))]]), expected);
}

const golden = fixtureJson('example/cases.json') as { readonly serialized: readonly string[] }[];

/** `tf.train.Example`s, for every kind of feature, against a reference and a generic protobuf library. */
export const exampleTarget: FuzzTarget = {
  name: 'Example',
  weight: 10,
  seeds: golden.flatMap(({ serialized }) => serialized.map(fromBase64)).filter(({ length }) => length < 300),
  generate: (draw) => new ExampleWriter({ draw, isDamaged: draw(2) === 0 }).example(),
  run: (input, draw) => {
    const asked = askedFor(draw);
    const poisoned = poisonedChunks(input, [], draw);
    const [record] = poisoned.chunks as [Uint8Array];
    const neighbour = new ExampleWriter({ draw, isDamaged: false }).example();
    const isSound = compare(asked, [record], true) !== undefined;
    const records = draw(2) === 0 ? [record, neighbour] : [neighbour, record, record];
    compare(asked, records, false);
    if (isSound) bytesIn(asked.parser.parseSingle(record)).forEach(poisoned.assertInside);
    poisoned.assertUntouched();
    compareGenerically(input);
  },
};
