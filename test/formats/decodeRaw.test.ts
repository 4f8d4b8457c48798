import fc from 'fast-check';
import { ConfigError, ValueError } from '../../src/base/errors.js';
import type { NDArray } from '../../src/arrays/ndarray.js';
import { decodeRaw } from '../../src/formats/decodeRaw.js';
import type { DecodeRawDType } from '../../src/formats/storedNumbers.js';
import { createExampleParser } from '../../src/formats/example/exampleParser.js';
import { rawFeature } from '../../src/formats/example/features.js';
import { fixtureJson, fromBase64 } from './support/fixtures.js';
import { goldenArray } from './support/goldenValue.js';
import { bytesFeature, entry, example } from './support/wire.js';

interface Case {
  readonly dtype: DecodeRawDType;
  readonly bytes: string;
  readonly values: readonly string[];
}

const cases = fixtureJson('decode_raw/cases.json') as Case[];
interface RawCase {
  readonly dtype: DecodeRawDType;
  readonly littleEndian: boolean;
  readonly bytes: string;
  readonly expected: object;
}

const rawCases = fixtureJson('values/raws.json') as RawCase[];
const texts = ({ data }: NDArray) => Array.from<number | bigint | Uint8Array, string>(data, String);

describe('decodeRaw', () => {
  it.each(cases)('decodes $dtype as TensorFlow does', ({ dtype, bytes, values }) => {
    const decoded = decodeRaw(fromBase64(bytes), dtype);
    expect(texts(decoded)).toEqual(values);
    expect(decoded.shape).toEqual([values.length]);
    expect(decoded.dtype).toBe(dtype === 'float16' ? 'float32' : dtype);
  });

  it.each(cases)('decodes $dtype in the other order of bytes', ({ dtype, bytes, values }) => {
    const itemBytes = fromBase64(bytes).length / values.length;
    const items = Array.from(values, (_, index) => fromBase64(bytes).slice(index * itemBytes, (index + 1) * itemBytes));
    const reversed = Uint8Array.from(items.flatMap((item) => [...item].reverse()));
    expect(texts(decodeRaw(reversed, dtype, { littleEndian: false }))).toEqual(values);
  });

  it.each(rawCases)('decodes $dtype, littleEndian $littleEndian, as TensorFlow does', (golden) => {
    const { dtype, littleEndian, bytes, expected } = golden;
    expect(goldenArray(decodeRaw(fromBase64(bytes), dtype, { littleEndian }))).toEqual(expected);
    const parser = createExampleParser({ x: rawFeature([6], dtype, { littleEndian }) });
    const record = example(entry('x', bytesFeature(fromBase64(bytes))));
    expect(goldenArray(parser.parseSingle(record).x)).toEqual(expected);
  });

  it('widens every bfloat16 exactly', () => {
    const halves = Uint16Array.from({ length: 2 ** 16 }, (_, half) => half);
    const { data } = decodeRaw(new Uint8Array(halves.buffer), 'bfloat16');
    expect(new Uint16Array(data.buffer).filter((_, at) => at % 2 === 1)).toEqual(halves);
    expect(data[0x3f80]).toBe(1);
  });

  it('copies, from any address', () => {
    const memory = new Uint8Array(new Float64Array([0, 1.5, -2]).buffer);
    const shifted = new Uint8Array(memory.length + 1);
    shifted.set(memory, 1);
    const { data } = decodeRaw(shifted.subarray(1), 'float64');
    shifted.fill(0);
    expect(data).toEqual(Float64Array.of(0, 1.5, -2));
  });

  it('widens every float16 exactly', () => {
    const halves = Uint16Array.of(0x0000, 0x8000, 0x0001, 0x03ff, 0x0400, 0x3c00, 0x7bff, 0x7c00, 0xfc00, 0x7e00);
    const { data } = decodeRaw(new Uint8Array(halves.buffer), 'float16');
    const expected = [0, -0, 2 ** -24, 1023 * 2 ** -24, 2 ** -14, 1, 65504, Infinity, -Infinity, NaN];
    expect(data).toEqual(Float32Array.from(expected));
  });

  it('keeps the sign, and the order, of all float16 numbers', () => {
    fc.assert(
      fc.property(fc.nat(0x7bff), (half) => {
        const { data } = decodeRaw(new Uint8Array(Uint16Array.of(half, half | 0x8000, half + 1).buffer), 'float16');
        expect(data[1]).toBe(-data[0]!);
        expect(data[2]).toBeGreaterThan(data[0]!);
      }),
    );
  });

  it('returns an empty array for no bytes', () => {
    expect(decodeRaw(new Uint8Array(0), 'int32')).toEqual({ dtype: 'int32', shape: [0], data: new Int32Array(0) });
  });

  it('refuses bytes that are not a whole number of elements', () => {
    const decode = () => decodeRaw(new Uint8Array(7), 'float32');
    expect(decode).toThrow(ValueError);
    expect(decode).toThrow('expected a multiple of 4 bytes (float32), found 7');
  });

  it.each([{ little_endian: false }, { littleEndian: 'no' }, false])('refuses the options %p', (options) => {
    expect(() => decodeRaw(new Uint8Array(8), 'int16', options as never)).toThrow(ConfigError);
  });

  it.each(['bytes', 'complex64', 'constructor'])('refuses the dtype %p', (dtype) => {
    expect(() => decodeRaw(new Uint8Array(8), dtype as DecodeRawDType)).toThrow(ConfigError);
  });
});
