import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import * as ort from 'onnxruntime-node';
import { allocate, ndarray, TYPED_ARRAY_OF, type NDArray } from '../../src/arrays/ndarray.js';
import { ConfigError, ValueError } from '../../src/base/errors.js';
import { fromOrtTensors, toOrtTensors } from '../../src/onnx/index.js';

const DTYPES = [...Object.keys(TYPED_ARRAY_OF), 'bytes'] as NDArray['dtype'][];
const bytes = (text: string) => new Uint8Array(Buffer.from(text));
const session = ort.InferenceSession.create('test/fixtures/onnx/identity.onnx');

/** Runs a model that returns each input as `<input>_out`, and float32 also as float16. */
async function identity(arrays: Record<string, NDArray>): Promise<Record<string, NDArray>> {
  const inputs = Object.fromEntries(DTYPES.map((dtype) => [dtype, empty(dtype)]));
  const fetches = Object.keys(arrays).map((name) => `${name}_out`);
  const { bytes: text, ...numbers } = { ...inputs, ...arrays, bytes: arrays['string'] ?? empty('bytes') };
  delete (numbers as Record<string, unknown>)['string'];
  return fromOrtTensors(await (await session).run(toOrtTensors(ort, { ...numbers, string: text }), fetches));
}

const empty = (dtype: NDArray['dtype']): NDArray => ndarray(dtype, [0, 1], allocate(dtype, 0));

const numbers: Record<string, fc.Arbitrary<NDArray>> = {
  float32: fc.float32Array({ minLength: 1 }).map((data) => ndarray('float32', [data.length, 1], data)),
  float64: fc.float64Array({ minLength: 1 }).map((data) => ndarray('float64', [1, data.length], data)),
  int8: fc.int8Array({ minLength: 1 }).map((data) => ndarray('int8', [1, data.length], data)),
  uint8: fc.uint8Array({ minLength: 1 }).map((data) => ndarray('uint8', [1, data.length], data)),
  int16: fc.int16Array({ minLength: 1 }).map((data) => ndarray('int16', [1, data.length], data)),
  uint16: fc.uint16Array({ minLength: 1 }).map((data) => ndarray('uint16', [1, data.length], data)),
  int32: fc.int32Array({ minLength: 1 }).map((data) => ndarray('int32', [1, data.length], data)),
  uint32: fc.uint32Array({ minLength: 1 }).map((data) => ndarray('uint32', [1, data.length], data)),
  int64: fc.bigInt64Array({ minLength: 1 }).map((data) => ndarray('int64', [1, data.length], data)),
  uint64: fc.bigUint64Array({ minLength: 1 }).map((data) => ndarray('uint64', [1, data.length], data)),
  bool: fc.uint8Array({ minLength: 1, max: 1 }).map((data) => ndarray('bool', [1, data.length], data)),
};

describe('toOrtTensors and fromOrtTensors', () => {
  it.each(Object.keys(numbers))('pass %s through a model unchanged', async (dtype) => {
    await fc.assert(
      fc.asyncProperty(numbers[dtype]!, async (array) => {
        expect(await identity({ [dtype]: array })).toEqual({ [`${dtype}_out`]: array });
      }),
      { numRuns: 20 },
    );
  });

  it('pass text through a model unchanged, as UTF-8', async () => {
    const texts = ndarray('bytes', [2, 2], ['', 'größe', ' ', '\ufeff猫'].map(bytes));
    expect(await identity({ string: texts })).toEqual({ string_out: texts });
  });

  it('pass a view of a larger buffer', async () => {
    const data = Int32Array.of(1, 2, 3, 4).subarray(1, 3);
    const { int32_out: out } = await identity({ int32: ndarray('int32', [2, 1], data) });
    expect(out).toEqual(ndarray('int32', [2, 1], Int32Array.of(2, 3)));
  });

  it('share the memory of numbers', () => {
    const array = ndarray('float32', [2], Float32Array.of(1, 2));
    const { x } = toOrtTensors(ort, { x: array });
    expect(x.data).toBe(array.data);
    expect(fromOrtTensors({ x }).x.data).toBe(array.data);
  });

  it('make 0 and 1 of the bytes of booleans', () => {
    const { x } = toOrtTensors(ort, { x: ndarray('bool', [3], Uint8Array.of(0, 2, 255)) });
    expect(x).toMatchObject({ type: 'bool', data: Uint8Array.of(0, 1, 1) });
  });
});

describe('the option dtypes of toOrtTensors', () => {
  const small = fc.array(fc.integer({ min: 0, max: 127 }), { minLength: 1 });
  it('converts small integers to any other dtype of numbers, and back', () => {
    const dtype = fc.constantFrom(...(Object.keys(TYPED_ARRAY_OF) as (keyof typeof TYPED_ARRAY_OF)[]));
    fc.assert(
      fc.property(small, dtype, dtype, (values, from, to) => {
        fc.pre(from !== 'bool' && to !== 'bool');
        const x = ndarray('int32', [values.length], Int32Array.from(values));
        const [{ x: source }, { x: expected }] = [from, to].map((type) =>
          toOrtTensors(ort, { x }, { dtypes: { x: type } }),
        ) as [{ x: ort.Tensor }, { x: ort.Tensor }];
        const array = fromOrtTensors({ x: source }).x;
        expect(toOrtTensors(ort, { x: array }, { dtypes: { x: to } })).toEqual({ x: expected });
        expect(Array.from(expected.data as Iterable<number | bigint>, Number)).toEqual(values);
      }),
    );
  });

  it.each([
    ['float64', Float64Array.of(0.1, NaN, Infinity), 'float32', Float32Array.of(0.1, NaN, Infinity)],
    ['int64', BigInt64Array.of(2n ** 53n + 1n), 'float64', Float64Array.of(2 ** 53)],
    ['bool', Uint8Array.of(0, 3), 'int64', BigInt64Array.of(0n, 1n)],
    ['int64', BigInt64Array.of(0n, 1n), 'bool', Uint8Array.of(0, 1)],
  ] as const)('converts %s %p to %s', (from, data, to, expected) => {
    const x = ndarray(from, [data.length], data as never);
    expect(toOrtTensors(ort, { x }, { dtypes: { x: to } }).x).toMatchObject({ type: to, data: expected });
  });

  it.each([
    ['float32', Float32Array.of(0, 0.5), 'int64', 'element 1 is 0.5, which int64 cannot represent'],
    ['float32', Float32Array.of(NaN), 'int32', 'element 0 is NaN, which int32 cannot represent'],
    ['int32', Int32Array.of(-1), 'uint64', 'element 0 is -1, which uint64 cannot represent'],
    ['int64', BigInt64Array.of(2n ** 31n), 'int32', 'element 0 is 2147483648, which int32 cannot represent'],
    ['float64', Float64Array.of(2 ** 63), 'int64', 'element 0 is 9223372036854776000, which int64 cannot represent'],
    ['uint64', BigUint64Array.of(2n ** 63n), 'int64', 'element 0 is 9223372036854775808, which int64'],
    ['int32', Int32Array.of(2), 'bool', 'element 0 is 2, which bool cannot represent'],
  ] as const)('refuses %s %p as %s', (from, data, to, message) => {
    const x = ndarray(from, [data.length], data as never);
    expect(() => toOrtTensors(ort, { x }, { dtypes: { x: to } })).toThrow(`toOrtTensors: x: ${message}`);
  });

  it('refuses text as numbers', () => {
    const x = ndarray('bytes', [1], [bytes('7')]);
    expect(() => toOrtTensors(ort, { x }, { dtypes: { x: 'int64' } })).toThrow(
      'toOrtTensors: x: text cannot become int64. Map the text to numbers first.',
    );
  });

  it('refuses a name that the batch does not have', () => {
    const x = ndarray('int32', [0], new Int32Array(0));
    expect(() => toOrtTensors(ort, { x }, { dtypes: { ids: 'int64' } })).toThrow(
      new ConfigError('toOrtTensors: dtypes: the batch has no array "ids": it has "x"', { path: 'dtypes.ids' }),
    );
  });
});

describe('toOrtTensors', () => {
  it.each([
    [
      'an array alone',
      ndarray('int32', [1], Int32Array.of(1)),
      'the batch: expected an object with an NDArray for each',
    ],
    ['nested arrays', { xs: { a: ndarray('int32', [0], new Int32Array(0)) } }, 'xs: expected an NDArray, found'],
    [
      'a ragged array',
      { x: { values: empty('int32'), rowSplits: new Int32Array(1) } },
      'x: expected an NDArray, found a RaggedArray: make it dense with toDense()',
    ],
    [
      'a sparse array',
      { x: { indices: empty('int64'), values: empty('int32'), denseShape: [0] } },
      'x: expected an NDArray, found a SparseArray: make it dense with toDenseSparse()',
    ],
    ['a bare typed array', { x: new Float32Array(2) }, 'x: expected an NDArray, found'],
    ['too few elements', { x: { dtype: 'int32', shape: [2], data: new Int32Array(1) } }, 'x: expected 2 elements'],
  ])('refuses %s', (_, batch, message) => {
    expect(() => toOrtTensors(ort, batch as Record<string, NDArray>)).toThrow(`toOrtTensors: ${message}`);
  });

  it('refuses bytes that are not UTF-8', () => {
    const x = ndarray('bytes', [2], [bytes('a'), Uint8Array.of(0xff)]);
    expect(() => toOrtTensors(ort, { x })).toThrow(
      new ValueError(
        'toOrtTensors: x: element 1 is not valid UTF-8, and ONNX strings are text. To pass the bytes as numbers, use ' +
          'decodeRaw.',
        { path: 'x' },
      ),
    );
  });

  it('refuses text that ONNX Runtime would cut', () => {
    const x = ndarray('bytes', [1], [bytes('a\0b')]);
    expect(() => toOrtTensors(ort, { x })).toThrow('x: element 0 contains a NUL character, where ONNX Runtime would');
  });

  it('refuses a module without a class Tensor', () => {
    expect(() => toOrtTensors({} as typeof ort, {})).toThrow('toOrtTensors: ort: expected the module onnxruntime-node');
  });
});

describe('fromOrtTensors', () => {
  it('refuses float16, and names the remedy', async () => {
    const float32 = ndarray('float32', [1, 1], Float32Array.of(1));
    const inputs = Object.fromEntries(DTYPES.map((dtype) => [dtype === 'bytes' ? 'string' : dtype, empty(dtype)]));
    const outputs = await (await session).run(toOrtTensors(ort, { ...inputs, float32 }), ['float16_out']);
    expect(() => fromOrtTensors(outputs)).toThrow(
      'fromOrtTensors: float16_out: NDArrays have no dtype float16. Add a Cast to float32 or int32 to the model',
    );
  });

  it('refuses values that are not tensors', () => {
    expect(() => fromOrtTensors({ x: [1] as never })).toThrow('fromOrtTensors: x: expected a tensor, found');
  });
});
