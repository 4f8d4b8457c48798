import { ConfigError } from '../../../src/base/errors.js';
import type { NDArray, NestedRaggedArray, RaggedArray, SparseArray } from '../../../src/arrays/ndarray.js';
import { encodeExample } from '../../../src/formats/example/encodeExample.js';
import { createExampleParser } from '../../../src/formats/example/exampleParser.js';
import {
  type FeatureDType,
  type Features,
  fixedLenFeature,
  fixedLenSequenceFeature,
  raggedFeature,
  rawFeature,
  tensorFeature,
  sparseFeature,
  varLenFeature,
} from '../../../src/formats/example/features.js';
import type { ParsedExample, ParsedSingleExample } from '../../../src/formats/example/parsedFeatures.js';
import type { NarrowDType } from '../../../src/formats/protobuf/narrowValues.js';
import { thrownBy } from '../support/thrownBy.js';

const EMPTY = new Uint8Array(0);
const VALUE = { dtype: 'int64', shape: [] };

const configError = (features: unknown) => thrownBy(ConfigError, () => createExampleParser(features as Features));

/** True if each of two types is assignable to the other, and the first type is not `any`. */
type Same<A, B> = 0 extends 1 & A ? false : [A, B] extends [B, A] ? true : false;

/** Compiles only if the two types are equal. */
function expectSame<A, B>(same: Same<A, B>): void {
  expect(same).toBe(true);
}

const FEATURES = {
  fixed: fixedLenFeature([2], 'float32'),
  withDefault: fixedLenFeature([], 'int64', { default: 1 }),
  narrow: fixedLenFeature([], 'int64', { as: 'int32' }),
  varLen: varLenFeature('int64'),
  narrowVarLen: varLenFeature('int64', { as: 'float32' }),
  sequence: fixedLenSequenceFeature([], 'bytes'),
  ragged: raggedFeature('int64'),
  sparse: sparseFeature({ indexKey: 'i', valueKey: 'v', dtype: 'bytes', size: 3 }),
  raw: rawFeature([2], 'uint8'),
  half: rawFeature([2], 'float16', { littleEndian: false }),
  tensor: tensorFeature([null, 2], 'bfloat16'),
};

describe('ParsedSingleExample', () => {
  it('follows the features', () => {
    type Parsed = ParsedSingleExample<typeof FEATURES>;
    expectSame<Parsed['fixed'], NDArray<'float32'>>(true);
    expectSame<Parsed['withDefault'], NDArray<'int64'>>(true);
    expectSame<Parsed['narrow'], NDArray<'int32'>>(true);
    expectSame<Parsed['varLen'], SparseArray<'int64'>>(true);
    expectSame<Parsed['narrowVarLen'], SparseArray<'float32'>>(true);
    expectSame<Parsed['sequence'], NDArray<'bytes'>>(true);
    expectSame<Parsed['ragged'], NDArray<'int64'>>(true);
    expectSame<Parsed['sparse'], SparseArray<'bytes'>>(true);
    expectSame<Parsed['raw'], NDArray<'uint8'>>(true);
    expectSame<Parsed['half'], NDArray<'float32'>>(true);
    expectSame<Parsed['tensor'], NDArray<'float32'>>(true);
    expectSame<keyof Parsed, keyof typeof FEATURES>(true);
  });
});

describe('ParsedExample', () => {
  it('differs for ragged features only', () => {
    type Parsed = ParsedExample<typeof FEATURES>;
    expectSame<Parsed['ragged'], RaggedArray<'int64'>>(true);
    expectSame<Omit<Parsed, 'ragged'>, Omit<ParsedSingleExample<typeof FEATURES>, 'ragged'>>(true);
  });

  it('follows JSON written in place', () => {
    const parsed = createExampleParser({
      x: { kind: 'fixedLen', shape: [], dtype: 'int64', as: 'float32', default: 3 },
      y: { kind: 'raw', shape: [0], dtype: 'float64' },
      z: { kind: 'ragged', dtype: 'bytes' },
    }).parseBatch([]);
    expectSame<(typeof parsed)['x'], NDArray<'float32'>>(true);
    expectSame<(typeof parsed)['y'], NDArray<'float64'>>(true);
    expectSame<(typeof parsed)['z'], RaggedArray<'bytes'>>(true);
    expect(Object.keys(parsed)).toEqual(['x', 'y', 'z']);
  });

  it('follows constructors called in place', () => {
    const parsed = createExampleParser({
      x: fixedLenFeature([], 'bytes'),
      y: fixedLenFeature([], 'int64', { as: 'int32' }),
      z: varLenFeature('int64'),
    }).parseBatch([]);
    expectSame<(typeof parsed)['x'], NDArray<'bytes'>>(true);
    expectSame<(typeof parsed)['y'], NDArray<'int32'>>(true);
    expectSame<(typeof parsed)['z'], SparseArray<'int64'>>(true);
    expect(Object.keys(parsed)).toEqual(['x', 'y', 'z']);
  });

  it('is any of the possible values for features that only running code knows', () => {
    type AnyDType = FeatureDType | NarrowDType;
    expectSame<
      ParsedExample<Features>[string],
      NDArray | SparseArray<AnyDType> | RaggedArray<AnyDType> | NestedRaggedArray<AnyDType>
    >(true);
  });
});

describe('feature constructors', () => {
  it('make plain JSON', () => {
    expect(JSON.parse(JSON.stringify(FEATURES))).toEqual({
      fixed: { kind: 'fixedLen', shape: [2], dtype: 'float32' },
      withDefault: { kind: 'fixedLen', shape: [], dtype: 'int64', default: 1 },
      narrow: { kind: 'fixedLen', shape: [], dtype: 'int64', as: 'int32' },
      varLen: { kind: 'varLen', dtype: 'int64' },
      narrowVarLen: { kind: 'varLen', dtype: 'int64', as: 'float32' },
      sequence: { kind: 'fixedLenSequence', shape: [], dtype: 'bytes' },
      ragged: { kind: 'ragged', dtype: 'int64' },
      sparse: { kind: 'sparse', indexKey: 'i', valueKey: 'v', dtype: 'bytes', size: 3 },
      raw: { kind: 'raw', shape: [2], dtype: 'uint8' },
      half: { kind: 'raw', shape: [2], dtype: 'float16', littleEndian: false },
      tensor: { kind: 'tensor', shape: [null, 2], dtype: 'bfloat16' },
    });
  });
});

describe('createExampleParser', () => {
  it('fills a missing feature with its default, in each form', () => {
    const parsed = createExampleParser({
      text: fixedLenFeature([2], 'int64', { default: ['9223372036854775807', -1] }),
      big: fixedLenFeature([], 'int64', { default: -5n }),
      all: fixedLenFeature([2, 2], 'float32', { default: 0.5 }),
      named: fixedLenFeature([3], 'float32', { default: ['nan', 'inf', '-inf'] }),
      plain: fixedLenFeature([2], 'float32', { default: [NaN, -Infinity] }),
      narrow: fixedLenFeature([], 'int64', { default: '7', as: 'float32' }),
      base64: fixedLenFeature([], 'bytes', { defaultBase64: 'bm9uZQ==' }),
      words: fixedLenFeature([2], 'bytes', { defaultText: ['cats', 'é'] }),
      bytes: fixedLenFeature([2], 'bytes', { default: [Uint8Array.of(1), EMPTY] }),
      raw: rawFeature([2], 'uint8', { default: 255 }),
      wide: rawFeature([], 'uint64', { default: 2n ** 64n - 1n }),
      half: rawFeature([2], 'bfloat16', { default: [0.5, '-inf'], littleEndian: false }),
    }).parseSingle(EMPTY);
    expect(parsed.raw).toEqual({ dtype: 'uint8', shape: [2], data: Uint8Array.of(255, 255) });
    expect(parsed.wide.data).toEqual(BigUint64Array.of(2n ** 64n - 1n));
    expect(parsed.half).toEqual({ dtype: 'float32', shape: [2], data: Float32Array.of(0.5, -Infinity) });
    expect(parsed.text.data).toEqual(BigInt64Array.of(2n ** 63n - 1n, -1n));
    expect(parsed.big.data).toEqual(BigInt64Array.of(-5n));
    expect(parsed.all).toEqual({ dtype: 'float32', shape: [2, 2], data: new Float32Array(4).fill(0.5) });
    expect(parsed.named.data).toEqual(Float32Array.of(NaN, Infinity, -Infinity));
    expect(parsed.plain.data).toEqual(Float32Array.of(NaN, -Infinity));
    expect(parsed.narrow.data).toEqual(Float32Array.of(7));
    expect(parsed.base64.data).toEqual([new Uint8Array(Buffer.from('none'))]);
    expect(parsed.words.data).toEqual([new Uint8Array(Buffer.from('cats')), Uint8Array.of(0xc3, 0xa9)]);
    expect(parsed.bytes.data).toEqual([Uint8Array.of(1), EMPTY]);
  });

  it.each([
    [{ x: { ...VALUE, kind: 'dense' } }, 'x.kind'],
    [{ x: { ...VALUE, kind: 'fixedLen', dtype: 'string' } }, 'x.dtype'],
    [{ x: { ...VALUE, kind: 'fixedLen', shape: [2, -1] } }, 'x.shape[1]'],
    [{ x: { ...VALUE, kind: 'fixedLen', shape: [2 ** 31, 2 ** 31] } }, 'x.shape'],
    [{ x: { ...VALUE, kind: 'fixedLen', shape: [null] } }, 'x.shape[0]'],
    [{ x: { ...VALUE, kind: 'fixedLen', defaults: 1 } }, 'x'],
    [{ x: { ...VALUE, kind: 'fixedLen', as: 'int8' } }, 'x.as'],
    [{ x: { ...VALUE, kind: 'fixedLen', dtype: 'float32', as: 'int32' } }, 'x.as'],
    [{ x: { ...VALUE, kind: 'raw', dtype: 'bytes' } }, 'x.dtype'],
    [{ x: { kind: 'sparse', dtype: 'int64', indexKey: 'i', size: 3 } }, 'x.valueKey'],
    [{ ok: fixedLenFeature([], 'int64'), ['__proto__']: { kind: 'varLen' } }, '__proto__.dtype'],
    [null, ''],
    [[], ''],
    ['x', ''],
  ])('refuses %j', (features, path) => {
    expect(configError(features).path).toBe(path);
  });

  it.each([
    ['too few values', fixedLenFeature([3], 'int64', { default: [1, 2] })],
    ['a fraction for int64', fixedLenFeature([], 'int64', { default: 1.5 })],
    ['a number beyond the safe ones', fixedLenFeature([], 'int64', { default: 2 ** 53 })],
    ['text that is no number', fixedLenFeature([], 'int64', { default: '0x10' })],
    ['over 64 bits', fixedLenFeature([], 'int64', { default: 2n ** 63n })],
    ['over 32 bits', fixedLenFeature([], 'int64', { default: 2 ** 31, as: 'int32' })],
    ['an integer that float32 lacks', fixedLenFeature([], 'int64', { default: 2 ** 24 + 1, as: 'float32' })],
    ['text for float32', fixedLenFeature([], 'float32', { default: 'one' })],
    ['a name of every object for float32', fixedLenFeature([], 'float32', { default: 'constructor' })],
    ['a bigint for float32', fixedLenFeature([], 'float32', { default: 1n })],
    ['text for bytes', fixedLenFeature([], 'bytes', { default: 'none' })],
    ['text among bytes', fixedLenFeature([2], 'bytes', { default: [EMPTY, 'cats'] })],
    ['a number for bytes', fixedLenFeature([], 'bytes', { default: 1 })],
    ['bytes for int64', fixedLenFeature([], 'int64', { default: EMPTY })],
    ['a negative number for uint8', rawFeature([], 'uint8', { default: -1 })],
    ['over 16 bits', rawFeature([], 'int16', { default: 2 ** 15 })],
    ['a fraction for uint32', rawFeature([], 'uint32', { default: 0.5 })],
    ['2 for bool', rawFeature([], 'bool', { default: 2 })],
    ['text for float16', rawFeature([], 'float16', { default: 'one' })],
    ['padding of another dtype', fixedLenSequenceFeature([], 'bytes', { default: 0 })],
  ])('refuses a default of %s', (_name, feature) => {
    const error = configError({ x: feature });
    expect(error.path).toBe('x.default');
    expect(error.message).toMatch(/x\.default: expected .*, found /);
  });

  it.each([
    [
      'text for bytes under default',
      { default: 'none' },
      'default',
      'use defaultText for text, defaultBase64 for base64',
    ],
    ['what is not base64', { defaultBase64: 'none!' }, 'defaultBase64', 'expected base64, found "none!"'],
    [
      'two forms of a default',
      { default: EMPTY, defaultText: '' },
      'defaultText',
      'expected only one default, but default is set too',
    ],
    ['too few texts', { defaultText: [] }, 'default', 'a flat list of 1'],
  ])('names the remedy for %s', (_name, options, at, message) => {
    const error = configError({ x: fixedLenFeature([], 'bytes', options) });
    expect(error.path).toBe(`x.${at}`);
    expect(error.message).toContain(message);
  });

  it('shows how to write a feature that is only a dtype', () => {
    expect(configError({ x: 'int64' }).message).toBe(
      `features: x: expected a feature, as in fixedLenFeature([], 'int64'), found "int64"`,
    );
  });

  it('takes text for bytes alone', () => {
    const error = configError({ x: fixedLenFeature([], 'int64', { defaultText: '1' }) });
    expect(error.message).toBe(
      'x.defaultText: expected dtype bytes, found int64: use the option "default" instead of defaultText',
    );
  });

  it('pads the bytes of shorter records with text', () => {
    const parser = createExampleParser({ x: fixedLenSequenceFeature([], 'bytes', { defaultText: 'PAD' }) });
    const one = encodeExample({ x: { bytesList: [Uint8Array.of(1)] } });
    expect(parser.parseBatch([one, EMPTY]).x.data).toEqual([Uint8Array.of(1), new Uint8Array(Buffer.from('PAD'))]);
  });
});
