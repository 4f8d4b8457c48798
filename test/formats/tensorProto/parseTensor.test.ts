import fc from 'fast-check';
import { ConfigError, FormatError } from '../../../src/base/errors.js';
import { sizeOfShape } from '../../../src/arrays/ndarray.js';
import { createExampleParser } from '../../../src/formats/example/exampleParser.js';
import { tensorFeature } from '../../../src/formats/example/features.js';
import { parseTensor } from '../../../src/formats/tensorProto/parseTensor.js';
import { TENSOR_DTYPES, type ParseTensorDType } from '../../../src/formats/tensorProto/tensorLayout.js';
import { drawTensor } from '../reference/drawTensor.js';
import { readTensor } from '../reference/readTensor.js';
import { columnText } from '../reference/columnText.js';
import { fixtureJson, fromBase64 } from '../support/fixtures.js';
import { goldenArray } from '../support/goldenValue.js';
import { thrownBy } from '../support/thrownBy.js';
import { bytesFeature, entry, example, field, varint } from '../support/wire.js';

interface Case {
  readonly name: string;
  readonly dtype: ParseTensorDType;
  readonly serialized: string;
  readonly expected: { readonly ok?: object; readonly error?: string };
}

const cases = fixtureJson('values/tensors.json') as Case[];
const FLOAT = fromBase64('CAESBBICCAIiCAAAgD8AAABA');
const inFeature = (serialized: Uint8Array) => example(entry('x', bytesFeature(serialized)));
const shapeOf = (...lengths: readonly (number | bigint)[]) =>
  field(
    2,
    lengths.flatMap((length) => field(2, [8, ...varint(BigInt(length))])),
  );

describe('parseTensor', () => {
  it.each(cases)('parses as TensorFlow does: $dtype, $name', ({ dtype, serialized, expected }) => {
    const parse = () => goldenArray(parseTensor(fromBase64(serialized), dtype));
    if (expected.ok) expect(parse()).toEqual(expected.ok);
    else expect(parse).toThrow(FormatError);
  });

  it('reads every tensor that a writer can write', () => {
    const shapes = fc.array(fc.nat(4), { maxLength: 4 });
    fc.assert(
      fc.property(fc.constantFrom(...TENSOR_DTYPES), shapes, fc.infiniteStream(fc.nat()), (dtype, shape, numbers) => {
        const serialized = drawTensor((below) => numbers.next().value! % below, dtype, shape);
        const parsed = parseTensor(serialized, dtype);
        expect(parsed.shape).toEqual(shape);
        expect(parsed.data).toHaveLength(sizeOfShape(shape));
        expect(columnText(parsed)).toBe(readTensor(serialized, dtype).text);
      }),
      { numRuns: 500 },
    );
  });

  it('copies numbers, and returns views of strings', () => {
    const numbers = FLOAT.slice();
    const strings = Uint8Array.from([8, 7, ...field(8, [65])]);
    const parsed = [parseTensor(numbers, 'float32'), parseTensor(strings, 'bytes')] as const;
    numbers.fill(0);
    strings.fill(66);
    expect(parsed[0].data).toEqual(Float32Array.of(1, 2));
    expect(parsed[1].data).toEqual([Uint8Array.of(66)]);
  });

  it('names the dtype that it found', () => {
    const error = thrownBy(FormatError, () => parseTensor(FLOAT, 'int32', 7));
    expect(error).toMatchObject({ format: 'TensorProto', kind: 'malformed', recordIndex: 7, byteOffset: 0 });
    expect(error.message).toBe(
      'TensorProto: expected a TensorProto of dtype int32, found float32 of shape [2] (record 7, byte offset 0)',
    );
  });

  it.each([
    ['complex64', Uint8Array.from([8, 8]), 'found complex64'],
    ['a reference', Uint8Array.from([8, 101]), 'found dtype 101'],
    ['text', new Uint8Array(Buffer.from('hello, hello')), 'TensorProto'],
    [
      'other content',
      Uint8Array.from([8, 1, ...shapeOf(3), ...field(4, [1, 2])]),
      'whose tensor_content of 2 bytes fits its shape, found float32 of shape [3]',
    ],
    [
      'many elements',
      Uint8Array.from([8, 1, ...shapeOf(2 ** 31)]),
      'with at most 2147483647 elements, found float32 of shape [2147483648]',
    ],
    [
      'a huge repeated tensor',
      Uint8Array.from([8, 1, ...shapeOf(2 ** 27)]),
      'repeats its last element to at most 268435456 bytes',
    ],
    ['a negative length', Uint8Array.from([8, 1, ...shapeOf(-1n)]), 'known lengths, found float32 of shape [-1]'],
    [
      'many dimensions',
      Uint8Array.from([8, 1, ...shapeOf(...Array.from({ length: 255 }, () => 1))]),
      'at most 254 known lengths',
    ],
  ])('refuses %s', (_, serialized, message) => {
    expect(() => parseTensor(serialized, 'float32')).toThrow(message);
  });

  it('refuses an unknown dtype and values that are not bytes', () => {
    expect(() => parseTensor(FLOAT, 'complex64' as 'bytes')).toThrow(ConfigError);
    expect(() => parseTensor('CAES' as never, 'float32')).toThrow('expected a Uint8Array');
  });
});

describe('tensorFeature', () => {
  const two = createExampleParser({ x: tensorFeature([null], 'float32') });

  it('stacks the tensors of a batch', () => {
    const { x } = two.parseBatch([inFeature(FLOAT), inFeature(FLOAT)]);
    expect(x).toEqual({ dtype: 'float32', shape: [2, 2], data: Float32Array.of(1, 2, 1, 2) });
  });

  it('stacks the strings of a batch', () => {
    const strings = inFeature(Uint8Array.from([8, 7, ...shapeOf(2), ...field(8, [65]), ...field(8, [66])]));
    const { x } = createExampleParser({ x: tensorFeature([2], 'bytes') }).parseBatch([strings, strings]);
    expect(x.shape).toEqual([2, 2]);
    expect(x.data.map(String)).toEqual(['65', '66', '65', '66']);
  });

  it('names the record, both shapes and a remedy', () => {
    const other = inFeature(Uint8Array.from([8, 1, ...shapeOf(3)]));
    const error = thrownBy(FormatError, () => two.parseBatch([inFeature(FLOAT), other], 5));
    expect(error.recordIndex).toBe(6);
    expect(error.reason).toBe(
      'feature "x": expected shape [2] (from the first record of the batch), found [3]: ' +
        'to read tensors of several shapes, use parseSingleExample, then paddedBatch',
    );
    const matrix = createExampleParser({ x: tensorFeature([null, 2], 'float32') });
    expect(() => matrix.parseSingle(inFeature(FLOAT))).toThrow('feature "x": expected shape [null, 2], found [2]');
  });

  it('requires one tensor in every record', () => {
    expect(() => two.parseSingle(example())).toThrow('a tensor must be in every record');
    expect(() => two.parseSingle(example(entry('x', bytesFeature(FLOAT, FLOAT))))).toThrow(
      'expected one bytes value, found 2',
    );
  });

  it('returns an empty batch of the declared shape', () => {
    expect(two.parseBatch([]).x.shape).toEqual([0, 0]);
  });
});
