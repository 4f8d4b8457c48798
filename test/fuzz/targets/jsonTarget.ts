import assert from 'node:assert/strict';
import { of } from 'rxjs';
import { decodeJson } from '../../../operators/decodeJson.js';
import type { NDArray, RaggedArray, SparseArray } from '../../../src/arrays/ndarray.js';
import { FormatError } from '../../../src/base/errors.js';
import { fixedLenFeature, raggedFeature, varLenFeature } from '../../../src/formats/example/features.js';
import { fixtureJson } from '../../formats/support/fixtures.js';
import { arrayText, columnText, sparseText } from '../../formats/reference/columnText.js';
import { notifications } from '../../support/notifications.js';
import { poisonedChunk, type Draw } from '../../support/poisonedChunks.js';
import type { FuzzTarget } from '../fuzzTarget.js';
import { replaced } from '../mutations.js';
import { referenceJson, type ReferenceJson } from '../referenceJson.js';

const FEATURES = {
  id: fixedLenFeature([], 'int64', { default: -1 }),
  'box.size': fixedLenFeature([2], 'float32', { default: 0 }),
  tags: raggedFeature('bytes'),
  ids: varLenFeature('int64'),
} as const;

interface Numeral {
  readonly token: string;
}
type Value = ReferenceJson<Numeral>;

const isNumeral = (value: Value): value is Numeral => typeof value === 'object' && value !== null && 'token' in value;
const isList = (value: Value): value is readonly Value[] => Array.isArray(value);

function require(condition: boolean): asserts condition {
  if (!condition) throw new RangeError('the value does not fit');
}

function int64Of(value: Value): bigint {
  if (typeof value === 'boolean') return value ? 1n : 0n;
  require(isNumeral(value));
  const exact = /^-?\d+$/.test(value.token);
  require(exact || Number.isSafeInteger(Number(value.token)));
  const integer = BigInt(exact ? value.token : Number(value.token));
  require(BigInt.asIntN(64, integer) === integer);
  return integer;
}

function floatOf(value: Value): number {
  require(isNumeral(value));
  return Number(value.token);
}

function listOf<T>(value: Value | undefined, elementOf: (element: Value) => T, length?: number): T[] {
  if (value === undefined || value === null) return [];
  require(isList(value) && (length === undefined || value.length === length));
  return value.map(elementOf);
}

function utf8Of(value: Value): Uint8Array {
  require(typeof value === 'string');
  return Buffer.from(value);
}

const bytesOf = (array: BigInt64Array | Float32Array): Uint8Array => new Uint8Array(array.buffer);

/** Returns the features of a line as text, in the order of FEATURES. */
function expectedTexts(value: Value): string[] {
  require(value instanceof Map);
  const members = value as ReadonlyMap<string, Value>;
  const id = members.get('id') ?? null;
  const size = boxSize(members);
  const tags = listOf(members.get('tags'), utf8Of);
  const ids = listOf(members.get('ids'), int64Of);
  const places = ids.map((_, index) => [0n, BigInt(index)]);
  return [
    arrayText('int64', [1], [bytesOf(BigInt64Array.of(id === null ? -1n : int64Of(id)))]),
    arrayText('float32', [1, 2], [bytesOf(Float32Array.from(size === null ? [0, 0] : listOf(size, floatOf, 2)))]),
    `ragged 0,${tags.length} ${arrayText('bytes', [tags.length], tags)}`,
    sparseText(places, 2, arrayText('int64', [ids.length], [bytesOf(BigInt64Array.from(ids))]), [1, ids.length]),
  ];
}

function boxSize(value: ReadonlyMap<string, Value>): Value {
  if (value.has('box.size')) return value.get('box.size')!;
  const box = value.get('box');
  return (box instanceof Map ? (box.get('size') as Value | undefined) : undefined) ?? null;
}

/** Catches an error by its name, because the error may come from another realm. */
function attempt<T>(work: () => T, name: string): { readonly value: T } | undefined {
  try {
    return { value: work() };
  } catch (error) {
    assert.equal((error as Error).name, name, String(error));
    return undefined;
  }
}

const decoder = new TextDecoder('utf-8', { fatal: true });

/** Checks the notifications, and returns the item if there is one. */
function itemOf([item, end]: readonly unknown[], inputBytes: number): { readonly item: unknown } | undefined {
  if (end === 'complete') return { item };
  if (item === 'complete') return undefined;
  assert.ok(item instanceof FormatError, String(item));
  assert.ok(item.byteOffset >= 0 && item.byteOffset <= inputBytes, `offset ${item.byteOffset}`);
  return undefined;
}

const PIECES = [
  ...['{', '}', '[', ']', ':', ',', '"', '\\', '\\"', ' ', '-', '.', 'e', '\ufeff', 'NaN', '-Infinity', 'null', 'true'],
  ...['"id":', '"box":{"size":', '"box.size":', '"tags":', '"ids":', '"__proto__":', '1', '-0', '1.0', '1e17', '0.1'],
  ...['9007199254740993', '-9223372036854775808', '9223372036854775808', '12345678901234567.5', '"a"', '[1,2]'],
];

function drawLine(draw: Draw): Uint8Array {
  const pick = (values: readonly string[]): string => values[draw(values.length)]!;
  const number = (): string => pick(['0', '1.0', '9007199254740993', '-12345678901234567', '1e3', '2.5', 'true']);
  const members = [
    () => `"id":${number()}`,
    () => `"box":{"size":[${number()}, ${number()}]}`,
    () => `"tags":[${pick(['', '"a"', '"\u00e9", "9007199254740993"'])}]`,
    () => `"ids":[${Array.from({ length: draw(4) }, number).join()}]`,
    () => `"x":${pick(['[[]]', '"12345678901234567890"', 'null', '{"id":1}'])}`,
  ];
  return Buffer.from(`{${Array.from({ length: draw(5) }, () => members[draw(members.length)]!()).join()}}`);
}

const { cases } = fixtureJson('json/cases.json') as { readonly cases: readonly { readonly line: string }[] };

/** JSON lines: values are compared with JSON.parse, features with a parser of the tests. */
export const jsonTarget: FuzzTarget = {
  name: 'Json',
  weight: 3,
  seeds: ['{"id":9007199254740993,"ids":[1]}', ...cases.map(({ line }) => line)].map((line) => Buffer.from(line)),
  generate: drawLine,
  mutate: (input, draw) => {
    const at = draw(input.length + 1);
    return replaced(input, at, at, Buffer.from(PIECES[draw(PIECES.length)]!));
  },
  run: (input, draw) => {
    const text = attempt(() => decoder.decode(input), 'TypeError')?.value;
    const json = text === undefined ? undefined : attempt(() => JSON.parse(text) as unknown, 'SyntaxError');
    const line = poisonedChunk(input, draw);
    assert.deepEqual(itemOf(notifications(of(line).pipe(decodeJson())), input.length)?.item, json?.value);
    const found = itemOf(notifications(of([line]).pipe(decodeJson({ features: FEATURES }))), input.length);
    const columns = Object.values((found?.item ?? {}) as Record<string, NDArray | SparseArray | RaggedArray>);
    assert.deepEqual(Object.keys(Object.prototype), []);
    // Some versions of Node.js read some names with escapes wrongly.
    if (text === undefined || text.includes('\\') || /NaN|Infinity/.test(text)) return;
    const value = attempt(() => referenceJson<Numeral>(text, (token) => ({ token })), 'SyntaxError');
    const expected = value && attempt(() => expectedTexts(value.value), 'RangeError')?.value;
    assert.deepEqual(columns.map(columnText), expected ?? []);
  },
};
