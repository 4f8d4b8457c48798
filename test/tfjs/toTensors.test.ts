import { ValueError } from '../../src/base/errors.js';
import { ndarray, type DataOf, type DType, type NDArray } from '../../src/arrays/ndarray.js';
import { toTensors, type WideIntegers } from '../../src/tfjs/toTensors.js';
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
    ['a number', 1, 'a number'],
    ['a string', 'x', 'a string'],
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
