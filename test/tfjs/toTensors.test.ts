import fc from 'fast-check';
import { ShapeError, ValueError } from '../../src/base/errors.js';
import { ndarray, type DataOf, type DType, type NDArray } from '../../src/arrays/ndarray.js';
import { stack } from '../../src/arrays/stack.js';
import { toTensors, type WideIntegers } from '../../src/tfjs/toTensors.js';
import { thrownBy } from '../formats/support/thrownBy.js';
import { BACKENDS, loadBackend, type Tf } from './backends.js';

const INT32_MAX = 2 ** 31 - 1;
const INT32_MIN = -(2 ** 31);

describe.each(BACKENDS)('toTensors on %s', (backend) => {
  let tf: Tf;
  beforeAll(async () => {
    tf = await loadBackend(backend);
  });

  function convert(value: unknown, wideIntegers: WideIntegers = 'int32'): unknown {
    return toTensors(tf, value, wideIntegers);
  }

  function failure(value: unknown, wideIntegers?: WideIntegers): ValueError {
    try {
      tf.tidy(() => void convert(value, wideIntegers));
    } catch (error) {
      if (error instanceof ValueError) return error;
      throw error;
    }
    throw new Error('nothing was thrown');
  }

  function tensorOf<D extends DType>(dtype: D, data: DataOf[D], wideIntegers?: WideIntegers): [string, number[]] {
    const tensor = convert(ndarray(dtype, [data.length], data), wideIntegers) as ReturnType<Tf['tensor']>;
    const result: [string, number[]] = [tensor.dtype, [...tensor.dataSync()]];
    tensor.dispose();
    return result;
  }

  it('converts each dtype to the dtype of tfjs for its values', () => {
    expect(tensorOf('float32', Float32Array.of(0.5, -1))).toEqual(['float32', [0.5, -1]]);
    expect(tensorOf('float64', Float64Array.of(0.1, 1e300))).toEqual(['float32', [Math.fround(0.1), Infinity]]);
    expect(tensorOf('int8', Int8Array.of(-128, 127))).toEqual(['int32', [-128, 127]]);
    expect(tensorOf('uint8', Uint8Array.of(0, 255))).toEqual(['int32', [0, 255]]);
    expect(tensorOf('int16', Int16Array.of(-32768, 32767))).toEqual(['int32', [-32768, 32767]]);
    expect(tensorOf('uint16', Uint16Array.of(0, 65535))).toEqual(['int32', [0, 65535]]);
    expect(tensorOf('int32', Int32Array.of(INT32_MIN, INT32_MAX))).toEqual(['int32', [INT32_MIN, INT32_MAX]]);
    expect(tensorOf('uint32', Uint32Array.of(0, INT32_MAX))).toEqual(['int32', [0, INT32_MAX]]);
    expect(tensorOf('int64', BigInt64Array.of(BigInt(INT32_MIN), BigInt(INT32_MAX)))).toEqual([
      'int32',
      [INT32_MIN, INT32_MAX],
    ]);
    expect(tensorOf('uint64', BigUint64Array.of(0n, BigInt(INT32_MAX)))).toEqual(['int32', [0, INT32_MAX]]);
  });

  it('converts every bool that is not 0 to 1, in a copy', () => {
    const data = Uint8Array.of(0, 1, 2, 255);
    expect(tensorOf('bool', data)).toEqual(['bool', [0, 1, 1, 1]]);
    expect([...data]).toEqual([0, 1, 2, 255]);
  });

  it('converts bytes of any length to strings', async () => {
    const values = [Uint8Array.of(104, 105), new Uint8Array(0), Uint8Array.of(0xff, 0)];
    const tensor = convert(ndarray('bytes', [3], values)) as ReturnType<Tf['tensor']>;
    expect([tensor.dtype, tensor.shape]).toEqual(['string', [3]]);
    const read = (await tensor.bytes()) as Uint8Array[];
    expect(read.map((bytes) => [...bytes])).toEqual([[104, 105], [], [0xff, 0]]);
    tensor.dispose();
  });

  it.each([
    ['uint32', Uint32Array.of(7, INT32_MAX + 1), '2147483648'],
    ['int64', BigInt64Array.of(7n, BigInt(INT32_MIN) - 1n), '-2147483649'],
    ['int64', BigInt64Array.of(7n, 2n ** 32n), '4294967296'],
    ['uint64', BigUint64Array.of(7n, 2n ** 64n - 1n), '18446744073709551615'],
  ] as const)('rejects a %s outside int32, with its index, unless wideIntegers is float32', (dtype, data, found) => {
    const array = { dtype, shape: [2], data } as NDArray;
    const error = failure({ ys: { label: array } });
    expect(error.path).toBe('ys.label');
    expect(error.message).toContain(`ys.label: cannot make a tensor of ${found} (element 1)`);
    const wide = tensorOf<DType>(dtype, data, 'float32');
    expect(wide).toEqual(['float32', [7, Math.fround(Number(found))]]);
  });

  it('keeps shapes: scalars, empty ones and many dimensions', () => {
    for (const shape of [[], [0], [2, 0], [1, 2, 3], [1, 1, 1, 1, 1, 2]]) {
      const size = shape.reduce((product, length) => product * length, 1);
      for (const array of [
        ndarray('float32', shape, new Float32Array(size)),
        ndarray(
          'bytes',
          shape,
          Array.from({ length: size }, () => Uint8Array.of(1)),
        ),
      ]) {
        const tensor = convert(array) as ReturnType<Tf['tensor']>;
        expect(tensor.shape).toEqual(shape);
        tensor.dispose();
      }
    }
  });

  it('keeps the structure around the arrays', () => {
    const a = ndarray('int32', [1], Int32Array.of(1));
    const tensors = convert({ xs: { a, b: [a, a] }, ys: a });
    expect(tensors).toEqual({
      xs: { a: expect.any(tf.Tensor), b: [expect.any(tf.Tensor), expect.any(tf.Tensor)] },
      ys: expect.any(tf.Tensor),
    });
    tf.dispose(tensors as Record<string, never>);
  });

  const one = ndarray('float32', [1], Float32Array.of(1));
  const sparse = { indices: ndarray('int64', [0, 1], new BigInt64Array(0)), values: one, denseShape: [1] };
  it.each([
    ['null', null, 'null'],
    ['undefined', undefined, 'undefined'],
    ['a bigint', 1n, 'a bigint'],
    ['a bare typed array', Uint8Array.of(1), 'a bare Uint8Array'],
    ['an instance of a class', new Date(0), 'a bare Date'],
    ['a sparse array', sparse, 'a sparse array'],
    ['a ragged array', { values: one, rowSplits: Int32Array.of(0, 1) }, 'a ragged array'],
  ])('rejects %s, with its path and a remedy', (_, value, found) => {
    const before = tf.memory().numTensors;
    const error = failure({ xs: one, ys: [one, { deep: value }] });
    expect(error.path).toBe('ys[1].deep');
    expect(error.message).toContain(`ys[1].deep: cannot make a tensor of ${found}. `);
    expect(error.message).toContain('toTensors');
    expect(tf.memory().numTensors).toBe(before);
  });

  /** Returns the dtype, the shape and the elements of a tensor. */
  function partsOf(value: unknown): unknown[] {
    const tensor = value as ReturnType<Tf['tensor']>;
    const parts = [tensor.dtype, tensor.shape, [...(tensor.dataSync() as Iterable<unknown>)]];
    tensor.dispose();
    return parts;
  }

  it.each<[string, unknown]>([
    ['a number', 0.1],
    ['a boolean', true],
    ['a text', 'é😀'],
    ['numbers', [1, -0.5, NaN, 1e300]],
    ['booleans', [true, false]],
    [
      'texts',
      [
        ['a', ''],
        ['日本', 'b'],
      ],
    ],
    ['nested numbers', [[[1, 2, 3]], [[4, 5, 6]]]],
    ['no numbers', []],
    ['rows without numbers', [[], []]],
  ])('makes the tensor that tf.tensor makes of %s', (_, value) => {
    expect(partsOf((convert({ xs: value }) as { xs: unknown }).xs)).toEqual(partsOf(tf.tensor(value as number[])));
  });

  it('makes the tensors of tf.tensor for any nested array', () => {
    const shape = fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 4 });
    const leaves = fc.constantFrom(fc.float({ noNaN: true }), fc.boolean(), fc.string({ unit: 'grapheme' }));
    const nested = (lengths: readonly number[], leaf: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
      lengths.reduceRight((inner, length) => fc.array(inner, { minLength: length, maxLength: length }), leaf);
    const values = fc.tuple(shape, leaves).chain(([lengths, leaf]) => nested(lengths, leaf));
    fc.assert(
      fc.property(values, (value) => {
        expect(partsOf(convert(value))).toEqual(partsOf(tf.tensor(value as number[])));
      }),
      { numRuns: 50 },
    );
  });

  it('accepts plain values beside NDArrays, as batch returns them', () => {
    const array = ndarray('int32', [2], Int32Array.of(1, 2));
    const { xs, ys } = convert(
      stack([
        { xs: one, ys: 3 },
        { xs: one, ys: 4 },
      ]),
    ) as Record<string, unknown>;
    expect(partsOf(xs)).toEqual(['float32', [2, 1], [1, 1]]);
    expect(partsOf(ys)).toEqual(['float32', [2], [3, 4]]);
    const [first, second] = convert([array, 5]) as unknown[];
    expect(partsOf(first)).toEqual(['int32', [2], [1, 2]]);
    expect(partsOf(second)).toEqual(['float32', [], [5]]);
  });

  it('joins the items of a batch without NDArrays', () => {
    const items = stack([
      { xs: [1, 2], ys: 0, name: 'a' },
      { name: 'b', ys: 1, xs: [3, 4] },
    ]);
    const { xs, ys, name } = convert(items) as Record<string, unknown>;
    expect(partsOf(xs)).toEqual(['float32', [2, 2], [1, 2, 3, 4]]);
    expect(partsOf(ys)).toEqual(['float32', [2], [0, 1]]);
    expect(partsOf(name)).toEqual(['string', [2], ['a', 'b']]);
  });

  it.each<[string, unknown, string, readonly number[], readonly number[]]>([
    ['a shorter row', { xs: [[1, 2], [3]] }, 'xs[1]', [2], [1]],
    [
      'a longer row',
      {
        xs: [
          [[1], [2]],
          [[3], [4, 5]],
        ],
      },
      'xs[1][1]',
      [1],
      [2],
    ],
    ['a number instead of a row', { xs: [[1], 2] }, 'xs[1]', [1], []],
    ['a row instead of a number', { xs: [1, [2]] }, 'xs[1]', [], [1]],
    ['an empty first row', { xs: [[], [1]] }, 'xs[1]', [0], [1]],
    ['an item of a batch', [{ xs: [1, 2] }, { xs: [1, 2] }, { xs: [1] }], 'xs[2]', [2], [1]],
  ])('rejects nested arrays of different lengths, with the path and both shapes: %s', (_, value, ...expected) => {
    const before = tf.memory().numTensors;
    const [path, shape, found] = expected;
    const error = thrownBy(ShapeError, () => tf.tidy(() => void convert(value)));
    expect(error).toMatchObject({ path, expected: shape, found });
    const first = path.replace(/\d/g, '0');
    const shapes = `expected the shape [${shape.join()}] of ${first}, found [${found.join()}].`;
    expect(error.message).toContain(`toDataset: ${path}: ${shapes}`);
    expect(tf.memory().numTensors).toBe(before);
  });

  it.each<[string, unknown, string]>([
    [
      'null',
      {
        xs: [
          [1, 2],
          [3, null],
        ],
      },
      'xs[1][1]: expected a number like the first value, found null.',
    ],
    ['nothing first', { xs: [undefined, 1] }, 'xs[0]: expected a number like the first value, found nothing.'],
    ['a text', { xs: [1, '2'] }, 'xs[1]: expected a number like the first value, found "2".'],
    ['a boolean', { ys: ['a', true] }, 'ys[1]: expected a string like the first value, found true.'],
    ['a bigint', { ys: [0, 1n] }, 'ys[1]: expected a number like the first value, found 1n.'],
    [
      'an NDArray',
      { ys: [0, one] },
      'ys[1]: expected a number like the first value, found an NDArray of dtype float32 and shape [1].',
    ],
    ['an item with another key', [{ xs: 1 }, { x: 1 }], '[1]: expected the keys "xs" of the first item, found "x".'],
    [
      'an item without a key',
      [{ xs: 1, ys: 1 }, { xs: 1 }],
      '[1]: expected the keys "xs", "ys" of the first item, found "xs".',
    ],
    ['an item that is none', [{ xs: 1 }, null], '[1]: expected the keys "xs" of the first item, found null.'],
  ])('rejects %s among plain values, with its path', (_, value, message) => {
    expect(failure(value).message).toContain(`toDataset: ${message}`);
  });

  it('rejects the batch of Uint8Arrays of different lengths', () => {
    expect(failure({ image: [Uint8Array.of(1), Uint8Array.of(1, 2)] }).path).toBe('image[0]');
  });

  it('names the batch if there is no path', () => {
    expect(failure(null).message).toContain('toDataset: the batch: cannot make a tensor of null');
  });

  it('rejects an array whose shape and number of elements differ', () => {
    const error = failure({ xs: { dtype: 'float32', shape: [2, 2], data: new Float32Array(3) } });
    expect(error.message).toBe('toDataset: xs: cannot make a tensor of 3 elements: its shape [2, 2] needs 4 elements.');
  });

  it('does not copy float32 if the backend uses the given memory', () => {
    const data = Float32Array.of(1, 2);
    const tensor = convert(ndarray('float32', [2], data)) as ReturnType<Tf['tensor']>;
    data[0] = 5;
    // The wasm backend copies into its own memory.
    expect(tensor.dataSync()[0]).toBe(backend === 'wasm' ? 1 : 5);
    tensor.dispose();
  });
});
