import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { of } from 'rxjs';
import { decodeJson } from '../../../operators/decodeJson.js';
import { ndarray, type NDArray, type RaggedArray } from '../../../src/arrays/ndarray.js';
import {
  fixedLenFeature,
  raggedFeature,
  varLenFeature,
  type Feature,
  type Features,
} from '../../../src/formats/example/features.js';
import { notifications } from '../../support/notifications.js';
import { fixtureJson } from '../support/fixtures.js';

/** Decodes a batch of lines. */
function batchOf(features: Features, ...lines: readonly string[]): unknown {
  return notifications(of(lines).pipe(decodeJson({ features })))[0];
}

/** Decodes a batch of lines with one feature `x`. */
function column(feature: Feature, ...lines: readonly string[]): unknown {
  return (batchOf({ x: feature }, ...lines) as { readonly x?: unknown }).x;
}

function failure(feature: Feature, line: string): string {
  return (batchOf({ x: feature }, line) as Error).message;
}

const int64 = (shape: readonly number[], ...values: bigint[]) => ndarray('int64', shape, BigInt64Array.from(values));
const float32 = (shape: readonly number[], ...values: number[]) => ndarray('float32', shape, Float32Array.from(values));
const texts = (...values: string[]) =>
  ndarray(
    'bytes',
    [values.length],
    values.map((text) => new Uint8Array(Buffer.from(text))),
  );

interface Golden {
  readonly line: string;
  readonly ids: readonly string[];
  readonly weights: string;
  readonly text: string;
}

describe('features of JSON lines', () => {
  it.each((fixtureJson('json/cases.json') as { readonly cases: readonly Golden[] }).cases)(
    'are those that Python reads: $line',
    ({ line, ids, weights, text }) => {
      const features = {
        ids: raggedFeature('int64'),
        weights: raggedFeature('float32'),
        text: fixedLenFeature([], 'bytes'),
      };
      const found = batchOf(features, line) as {
        readonly ids: RaggedArray<'int64'>;
        readonly weights: RaggedArray<'float32'>;
        readonly text: NDArray<'bytes'>;
      };
      expect(Array.from(found.ids.values.data, String)).toEqual(ids);
      expect(Buffer.from(found.weights.values.data.buffer).toString('hex')).toBe(weights);
      expect(found.text.data.map((value) => Buffer.from(value).toString('hex'))).toEqual([text]);
    },
  );

  it('fill the shape in row-major order', () => {
    const lines = ['{"x":[[1,2,3],[4,5,6]]}', '{"x":[[7,8,9],[10,11,12]]}'];
    expect(column(fixedLenFeature([2, 3], 'float32'), ...lines)).toEqual(
      float32([2, 2, 3], 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12),
    );
  });

  it('are sparse or ragged if their lengths differ', () => {
    const lines = ['{"x":[1,2]}', '{"x":[]}', '{"x":[9007199254740993]}'];
    expect(column(varLenFeature('int64'), ...lines)).toEqual({
      indices: int64([3, 2], 0n, 0n, 0n, 1n, 2n, 0n),
      values: int64([3], 1n, 2n, 9007199254740993n),
      denseShape: [3, 2],
    });
    expect(column(raggedFeature('int64'), ...lines)).toEqual({
      values: int64([3], 1n, 2n, 9007199254740993n),
      rowSplits: Int32Array.of(0, 2, 2, 3),
    });
  });

  it('have the UTF-8 of strings', () => {
    expect(column(raggedFeature('bytes'), '{"x":["a","\u00e9","\\ud83d\\ude00"]}')).toEqual({
      values: texts('a', '\u00e9', '\u{1f600}'),
      rowSplits: Int32Array.of(0, 3),
    });
  });

  it('have defaults if the key is missing or null', () => {
    const lines = ['{}', '{"x":null}', '{"x":[5,6]}'];
    expect(column(fixedLenFeature([2], 'int64', { default: [1, 2] }), ...lines)).toEqual(
      int64([3, 2], 1n, 2n, 1n, 2n, 5n, 6n),
    );
    expect(column(raggedFeature('int64'), ...lines)).toMatchObject({ rowSplits: Int32Array.of(0, 0, 0, 2) });
  });

  it('are found by a path, unless the name itself is a key', () => {
    const feature = { 'a.b': fixedLenFeature([], 'int64', { default: 0 }) };
    const lines = ['{"a":{"b":1}}', '{"a.b":2,"a":{"b":1}}', '{"a":5}', '{"a":[1]}', '{"b":1}'];
    expect(batchOf(feature, ...lines)).toEqual({ 'a.b': int64([5], 1n, 2n, 0n, 0n, 0n) });
  });

  it('can have the name __proto__', () => {
    const features = JSON.parse('{"__proto__":{"kind":"fixedLen","shape":[],"dtype":"int64"}}') as Features;
    const found = batchOf(features, '{"__proto__":5}') as object;
    expect(Object.entries(found)).toEqual([['__proto__', int64([1], 5n)]]);
  });

  it('of dtype int64 are exact', () => {
    fc.assert(
      fc.property(
        fc.array(fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n), { minLength: 1 }),
        fc.array(fc.oneof(fc.jsonValue(), fc.bigInt()), { maxLength: 3 }),
        fc.constantFrom('', ' ', '\t '),
        (numbers, others, space) => {
          const other = others.map((value) => (typeof value === 'bigint' ? String(value) : JSON.stringify(value)));
          const list = numbers.join(`${space},${space}`);
          const line = `{"a":[${other.join()}],${space}"x"${space}:${space}[${space}${list}${space}]}`;
          expect(column(fixedLenFeature([numbers.length], 'int64'), line)).toEqual(
            int64([1, numbers.length], ...numbers),
          );
        },
      ),
    );
  });

  it('of dtype int64 accept booleans and whole numbers with a point or exponent', () => {
    expect(column(raggedFeature('int64'), '{"x":[true,false,1.0,1e3,-0]}')).toMatchObject({
      values: int64([5], 1n, 0n, 1n, 1000n, 0n),
    });
  });

  it('of dtype float32 accept the words of Python for NaN and infinities', () => {
    expect(column(raggedFeature('float32'), '{"y":NaN,"x":[NaN, Infinity,-Infinity ]}')).toMatchObject({
      values: float32([3], NaN, Infinity, -Infinity),
    });
  });

  it.each<[Feature, string, string]>([
    [fixedLenFeature([], 'int64'), '{"y":1}', 'the record lacks this key, and contains "y": if the feature may be'],
    [fixedLenFeature([], 'int64'), '{"x":null}', 'the value is null: if the feature may be missing, declare a default'],
    [raggedFeature('int64', { allowMissing: false }), '{}', 'contains no keys: to accept such records, remove allow'],
    [fixedLenFeature([], 'int64'), '{"x":1.5}', 'expected int64, found 1.5: for fractions, declare the dtype float32'],
    [fixedLenFeature([], 'int64'), '{"x":"5"}', 'expected int64, found "5": for text, declare the dtype bytes'],
    [fixedLenFeature([], 'int64'), '{"x":9223372036854775808}', 'expected int64, found 9223372036854775808;'],
    [fixedLenFeature([], 'int64'), '{"x":1e18}', 'found 1000000000000000000: write integers above 2^53 with all'],
    [fixedLenFeature([], 'int64'), '{"x":NaN}', 'expected int64, found NaN;'],
    [fixedLenFeature([], 'int64', { as: 'int32' }), '{"x":2147483648}', 'expected int32, found 2147483648;'],
    [fixedLenFeature([], 'int64', { as: 'int32' }), '{"x":9007199254740993}', 'found 9007199254740993;'],
    [fixedLenFeature([], 'int64', { as: 'float32' }), '{"x":16777217}', 'expected an integer within ±2^24'],
    [fixedLenFeature([], 'float32'), '{"x":true}', 'expected float32, found true;'],
    [fixedLenFeature([], 'float32'), '{"x":[1]}', 'expected float32, found an array of length 1;'],
    [fixedLenFeature([], 'bytes'), '{"x":5}', 'expected a string, found 5;'],
    [raggedFeature('bytes'), '{"x":["a",9007199254740993]}', 'element [1]: expected a string, found 90071992547409'],
    [
      fixedLenFeature([2, 2], 'int64'),
      '{"x":[[1,2],[3,"4"]]}',
      'feature "x", element [1, 1]: expected int64, found "4"',
    ],
    [
      fixedLenFeature([2, 2], 'int64'),
      '{"x":[[1,2],[3]]}',
      'feature "x", element [1]: expected an array of length 2 (shape [2, 2]), found an array of length 1: correct the',
    ],
    [fixedLenFeature([2], 'int64'), '{"x":5}', 'feature "x": expected an array of length 2 (shape [2]), found 5;'],
    [varLenFeature('int64'), '{"x":5}', 'feature "x": expected an array, found 5;'],
    [raggedFeature('int64'), '{"x":[1,null]}', 'element [1]: expected int64, found null;'],
    [fixedLenFeature([], 'int64'), '[{"x":1}]', 'expected an object with features, found an array of length 1: each'],
    [fixedLenFeature([], 'int64'), '{"x":0123456789012345678}', 'column 7: unexpected number'],
    [fixedLenFeature([], 'int64'), '{1234567890123456789:1}', "column 2: expected property name or '}'"],
    [fixedLenFeature([], 'int64'), '{"x":1234567890123456789,"a', 'the line ends inside a value'],
  ])('fail: %j reads %s', (feature, line, message) => {
    expect(failure(feature, line)).toContain(message);
  });
});

describe('values of JSON lines', () => {
  it('are those of JSON.parse', () => {
    fc.assert(
      fc.property(fc.json(), fc.constantFrom('', ' ', '\r\n'), (json, space) => {
        for (const line of [space + json, new Uint8Array(Buffer.from(json + space))]) {
          expect(notifications(of(line).pipe(decodeJson()))).toEqual([JSON.parse(json), 'complete']);
        }
      }),
    );
  });
});
