import { describe, expect, it } from '@jest/globals';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { byteLengthOf } from '../../src/base/byteLengthOf.js';
import { ConfigError, ValueError } from '../../src/base/errors.js';
import { isNDArray, ndarray } from '../../src/arrays/ndarray.js';
import { hasArrays } from '../../src/arrays/mapArrays.js';
import { stack } from '../../src/arrays/stack.js';
import { unstack } from '../../src/arrays/unstack.js';
import { oneHot } from '../../src/arrays/oneHot.js';
import { Queue } from '../../src/base/queue.js';
import { scale } from '../../src/arrays/scale.js';
import { randomFromSeed, randomOfItem, seededRandom } from '../../src/base/seededRandom.js';

describe('byteLengthOf', () => {
  it('counts the bytes of typed arrays and of structures', () => {
    expect(byteLengthOf(new Float64Array(4))).toBe(32);
    expect(byteLengthOf(new Uint8Array(new ArrayBuffer(1000), 0, 10))).toBe(10);
    const batch = [new Uint8Array(100), new Uint8Array(50)];
    expect(byteLengthOf(batch)).toBeGreaterThanOrEqual(150);
    expect(byteLengthOf({ x: ndarray('float32', [25], new Float32Array(25)) })).toBeGreaterThanOrEqual(100);
  });
});

describe('an item that contains itself', () => {
  const circular = (): object => {
    const item = { x: ndarray('float32', [1], Float32Array.of(1)), list: [{} as Record<string, unknown>] };
    item.list[0] = { up: item };
    return item;
  };

  it.each([
    ['byteLengthOf', byteLengthOf],
    ['hasArrays', hasArrays],
    ['stack', (item: object) => stack([item, item])],
    ['unstack', (item: object) => unstack(Object.values(item)[1])],
  ])('is refused with the path: %s', (_what, work) => {
    const refused =
      /: the item contains itself: the value of .+ is also one of its own parents\. Remove .+ with map\(\)/;
    expect(() => work(circular())).toThrow(refused);
    expect(() => work(circular())).toThrow(ValueError);
  });

  it('is told from an item that is merely deep', () => {
    let item: unknown = 1;
    for (let depth = 0; depth < 600; depth++) item = [item];
    expect(() => byteLengthOf(item)).toThrow('the item is nested more than 500 levels deep');
  });
});

describe('oneHot', () => {
  it('writes a one at each label', () => {
    const labels = ndarray('int64', [3], BigInt64Array.of(2n, 0n, 1n));
    expect(oneHot(labels, 3)).toEqual(ndarray('float32', [3, 3], Float32Array.of(0, 0, 1, 1, 0, 0, 0, 1, 0)));
    expect(oneHot(ndarray('uint8', [], Uint8Array.of(1)), 2)).toEqual(ndarray('float32', [2], Float32Array.of(0, 1)));
  });

  it('refuses a label outside the classes', () => {
    expect(() => oneHot(ndarray('int32', [2], Int32Array.of(0, 3)), 3)).toThrow(/labels\[1\]: .*, found 3\./);
    expect(() => oneHot(ndarray('int32', [1], Int32Array.of(-1)), 3)).toThrow(/, found -1\./);
  });
});

describe('oneHot of invalid labels', () => {
  const labelsOf = (value: unknown) => value as Parameters<typeof oneHot>[0];

  it.each([
    ['NaN', ndarray('float32', [1], Float32Array.of(NaN)), 'labels[0]: expected an integer from 0 to 2, found NaN'],
    [
      'half a class',
      ndarray('float32', [2], Float32Array.of(1, 0.5)),
      'labels[1]: expected an integer from 0 to 2, found 0.5',
    ],
    [
      'infinity',
      ndarray('float64', [1], Float64Array.of(Infinity)),
      'labels[0]: expected an integer from 0 to 2, found Infinity',
    ],
    [
      'text in bytes',
      ndarray('bytes', [1], [new Uint8Array(Buffer.from('cat'))]),
      'found dtype bytes, found "cat" at index 0',
    ],
    [
      'text, with the way to number it',
      ndarray('bytes', [1], [new Uint8Array(Buffer.from('Zürich'))]),
      'Convert the text to class numbers in a map() before toDataset: ',
    ],
    [
      'numbers as text',
      ndarray('bytes', [1], [new Uint8Array(Buffer.from('7'))]),
      "found \"7\" at index 0. Parse the labels with dtype 'int64' or 'int32'",
    ],
    ['no bytes', ndarray('bytes', [1], [new Uint8Array(0)]), 'expected numbers, found dtype bytes'],
    [
      'the byte of a class',
      ndarray('bytes', [1], [Uint8Array.of(2)]),
      "Parse the labels with dtype 'int64' or 'int32'",
    ],
    ['an empty batch of bytes', ndarray('bytes', [0], []), 'expected numbers, found dtype bytes'],
    ['an array of JavaScript', [1, 2], 'oneHot: expected an NDArray, found an array of length 2'],
    ['nothing', undefined, 'oneHot: expected an NDArray, found nothing'],
    [
      'data of another dtype',
      { dtype: 'int32', shape: [1], data: Float32Array.of(0.5) },
      'expected Int32Array data for int32, found a Float32Array of length 1',
    ],
  ])('refuses %s', (_, labels, message) => {
    const call = () => oneHot(labelsOf(labels), 3);
    expect(call).toThrow(ValueError);
    expect(call).toThrow(message);
  });

  it('accepts whole numbers of any dtype, as in Records and CSV', () => {
    const labels = ndarray('float32', [2], Float32Array.of(2, -0));
    expect([...oneHot(labels, 3).data]).toEqual([0, 0, 1, 1, 0, 0]);
  });

  it('refuses a depth that makes an array too large', () => {
    const call = () => oneHot(ndarray('int32', [3], new Int32Array(3)), 2 ** 40);
    expect(call).toThrow('oneHot: depth: expected at most 715827882 classes for 3 labels, found 1099511627776');
  });

  it.each([0, -1, 2.5, NaN, Infinity, '3', 3n, undefined])('refuses a depth of %p', (depth) => {
    const call = () => oneHot(ndarray('int32', [0], new Int32Array(0)), depth as number);
    expect(call).toThrow(ConfigError);
    expect(call).toThrow('oneHot: depth: expected a positive integer, found');
  });
});

describe('ndarray', () => {
  const untyped = ndarray as (dtype: unknown, shape: unknown, data: unknown) => unknown;

  it.each([
    ['a dtype that there is not', 'float16', [1], Float32Array.of(1), 'expected one of the dtypes float32, '],
    ['neither a dtype nor data', 'float16', [1], undefined, 'found "float16"'],
    ['a name of every object', 'toString', [1], [1], 'found "toString"'],
    [
      'an array of numbers',
      'float32',
      [2],
      [1, 2],
      'expected Float32Array data for float32, found an array of length 2',
    ],
    [
      'data of another dtype',
      'int32',
      [1],
      BigInt64Array.of(1n),
      'expected Int32Array data for int32, found a BigInt64Array of length 1',
    ],
    [
      'text among bytes',
      'bytes',
      [2],
      [new Uint8Array(0), 'a'],
      'dtype bytes: expected a Uint8Array as element 1, found "a"',
    ],
    [
      'one buffer for bytes',
      'bytes',
      [1],
      new Uint8Array(1),
      'expected an array of Uint8Arrays for bytes, found a Uint8Array of length 1',
    ],
    ['too few elements', 'uint8', [2, 3], new Uint8Array(5), 'expected 6 elements (shape [2, 3]), found 5'],
    [
      'a shape that is a number',
      'uint8',
      2,
      new Uint8Array(2),
      'expected a shape of integers greater than or equal to 0, found 2',
    ],
    ['a length that is none', 'uint8', [-1, NaN], new Uint8Array(1), 'found [-1, NaN]'],
  ])('refuses %s', (_, dtype, shape, data, message) => {
    const call = () => untyped(dtype, shape, data);
    expect(call).toThrow(ConfigError);
    expect(call).toThrow(message);
  });

  it('accepts typed arrays of other realms, and Buffers as uint8', () => {
    expect(untyped('float32', [2], runInNewContext('new Float32Array(2)'))).toMatchObject({ dtype: 'float32' });
    expect(untyped('uint8', [2], Buffer.from('ab'))).toMatchObject({ dtype: 'uint8' });
  });
});

describe('scale', () => {
  it('multiplies and adds into float32 of the same shape', () => {
    const pixels = ndarray('uint8', [2, 2], Uint8Array.of(0, 255, 51, 102));
    expect(scale(pixels, 2, -1)).toEqual(ndarray('float32', [2, 2], Float32Array.of(-1, 509, 101, 203)));
  });
});

describe('scale of values that are not numbers', () => {
  it('is rejected, and the error names the dtype to use', () => {
    const labels = ndarray('int64', [1], BigInt64Array.of(1n)) as unknown as Parameters<typeof scale>[0];
    expect(() => scale(labels, 2)).toThrow(/int64.*as: 'int32'/);
  });
});

describe('scale of other values', () => {
  const arrayOf = (value: unknown) => value as Parameters<typeof scale>[0];

  it.each([
    [
      'an empty int64, as one that is not empty',
      ndarray('int64', [0], new BigInt64Array(0)),
      'expected elements that are JavaScript numbers, found int64',
    ],
    ['bytes', ndarray('bytes', [1], [Uint8Array.of(1)]), 'expected numbers, found dtype bytes'],
    ['a plain array', [1, 2], 'expected an NDArray, found an array of length 2'],
  ])('refuses %s', (_, value, message) => {
    expect(() => scale(arrayOf(value), 2)).toThrow(message);
  });

  it.each([
    [undefined, 0, 'factor: expected a finite number, found nothing'],
    [NaN, 0, 'factor: expected a finite number, found NaN'],
    ['2', 0, 'factor: expected a finite number, found "2"'],
    [1, 2n, 'offset: expected a finite number, found 2n'],
  ])('refuses a factor of %p with an offset of %p', (factor, offset, message) => {
    const pixels = ndarray('uint8', [1], Uint8Array.of(1));
    expect(() => scale(pixels, factor as number, offset as number)).toThrow(message);
  });
});

describe('isNDArray', () => {
  it('distinguishes an NDArray from similar objects', () => {
    expect(isNDArray(ndarray('bytes', [0], []))).toBe(true);
    expect(isNDArray(ndarray('int8', [1], Int8Array.of(1)))).toBe(true);
    for (const other of [
      null,
      1,
      {},
      { dtype: 'toString', shape: [], data: [] },
      { dtype: 'int8', shape: [], data: [1] },
    ]) {
      expect(isNDArray(other)).toBe(false);
    }
  });
});

describe('Queue', () => {
  it('behaves like an array for any sequence of push and shift', () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.integer(), { freq: 2 }), { maxLength: 5000 }), (steps) => {
        const queue = new Queue<number>();
        const model: number[] = [];
        for (const step of steps) {
          if (step === null) expect(queue.shift()).toBe(model.shift());
          else {
            queue.push(step);
            model.push(step);
          }
          expect(queue.length).toBe(model.length);
          expect(queue.peek()).toBe(model[0]);
        }
      }),
    );
  });
});

describe('seededRandom', () => {
  const draw = (seed: number, stream: number): number[] => {
    const random = seededRandom(seed, stream);
    return Array.from({ length: 8 }, () => random(1000));
  };

  it('returns the same sequence for the same seeds in every release', () => {
    expect(draw(7, 0)).toEqual(draw(7, 0));
    expect(draw(7, 0)).toMatchInlineSnapshot(`
      [
        41,
        861,
        657,
        962,
        900,
        18,
        241,
        348,
      ]
    `);
  });

  it('returns another sequence for each seed and each stream', () => {
    const sequences = [draw(7, 0), draw(7, 1), draw(8, 0), draw(0, 0), draw(0, 7)].map(String);
    expect(new Set(sequences).size).toBe(sequences.length);
  });

  it('is uniformly distributed below its bound', () => {
    const random = seededRandom(1, 0);
    const counts = new Array<number>(10).fill(0);
    for (let i = 0; i < 100_000; i++) counts[random(10)]!++;
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(500);
  });
});

describe('randomFromSeed', () => {
  const draw = (random: () => number, count: number): number[] => Array.from({ length: count }, random);

  // The expected numbers were computed with another implementation of sfc32, in Python.
  it('returns the same numbers for the same seed in every release', () => {
    expect(draw(randomFromSeed(7), 3)).toEqual([0.841634925095632, 0.17853983620019998, 0.4527495842390459]);
    expect(draw(randomFromSeed(2 ** 32 - 1), 2)).toEqual([0.022169352176044543, 0.333877400883674]);
    expect(draw(randomOfItem(7, 1, 2), 2)).toEqual([0.8481317367943753, 0.10060338286038939]);
  });

  it.each([
    ['of one generator', draw(randomFromSeed(1), 100_000)],
    ['of consecutive items', Array.from({ length: 100_000 }, (_, index) => randomOfItem(1, 0, index)())],
    ['of consecutive epochs', Array.from({ length: 100_000 }, (_, epoch) => randomOfItem(1, epoch, 5)())],
    ['of consecutive seeds', Array.from({ length: 100_000 }, (_, seed) => randomFromSeed(seed)())],
  ])('returns uniform and independent numbers from 0 to less than 1: the numbers %s', (_, numbers) => {
    const counts = new Array<number>(100).fill(0);
    for (const [at, number] of numbers.entries()) {
      const next = numbers[at + 1] ?? 0;
      counts[10 * Math.floor(10 * number) + Math.floor(10 * next)]!++;
    }
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(160);
  });

  it.each([-1, 0.5, 2 ** 32, NaN, undefined, '7'])('refuses %p as a seed', (seed) => {
    expect(() => randomFromSeed(seed as number)).toThrow(ConfigError);
  });
});
