import { describe, expect, it } from '@jest/globals';
import { lastValueFrom, of, type OperatorFunction } from 'rxjs';
import { runInNewContext } from 'node:vm';
import { combineAttributes } from '../../operators/combineAttributes.js';
import { decodeCsv } from '../../operators/decodeCsv.js';
import { decodeImage } from '../../operators/decodeImage.js';
import { decodeRecordIO } from '../../operators/decodeRecordIO.js';
import { decodeTextLine } from '../../operators/decodeTextLine.js';
import { decodeTFRecord } from '../../operators/decodeTFRecord.js';
import { decompress } from '../../operators/decompress.js';
import { parseExample } from '../../operators/parseExample.js';
import { parseRecordProtobuf } from '../../operators/parseRecordProtobuf.js';
import { parseSequenceExample } from '../../operators/parseSequenceExample.js';
import { parseSingleExample } from '../../operators/parseSingleExample.js';
import { ConfigError } from '../../src/base/errors.js';
import type { ndarray } from '../../src/arrays/ndarray.js';
import { requireBytes } from '../../src/base/requireBytes.js';
import { createCsvParser } from '../../src/formats/csv/csvParser.js';
import { crc32c } from '../../src/formats/crc32c/crc32c.js';
import { createExampleParser } from '../../src/formats/example/exampleParser.js';
import { createRecordProtobufParser } from '../../src/formats/recordProtobuf/recordProtobufParser.js';
import { decodeRaw } from '../../src/formats/decodeRaw.js';
import { encodeExample, type FeatureValues } from '../../src/formats/example/encodeExample.js';
import { encodeRecordIO, encodeRecordIOParts } from '../../src/formats/recordio/encodeRecordIO.js';
import { encodeRecordProtobuf } from '../../src/formats/recordProtobuf/encodeRecordProtobuf.js';
import { encodeSequenceExample } from '../../src/formats/example/encodeSequenceExample.js';
import { encodeTextLine } from '../../src/formats/text/encodeTextLine.js';
import { encodeTFRecord } from '../../src/formats/tfrecord/encodeTFRecord.js';
import { fixedLenFeature } from '../../src/formats/example/features.js';
import { RecordIOReader } from '../../src/formats/recordio/recordIOReader.js';
import { TextLineReader } from '../../src/formats/text/textLineReader.js';
import { TFRecordReader } from '../../src/formats/tfrecord/tfRecordReader.js';

/** Passes a value without types, like JavaScript. */
const untyped = (value: unknown): Uint8Array => value as Uint8Array;

describe('requireBytes', () => {
  it.each([
    ['hello', 'found "hello": encode text with Buffer.from(text, \'utf8\')'],
    [Float32Array.of(1.5), 'found a Float32Array of length 1: use new Uint8Array(view.buffer'],
    [new DataView(new ArrayBuffer(1)), 'found a DataView: use new Uint8Array(view.buffer'],
    [new ArrayBuffer(4), 'found an ArrayBuffer: use new Uint8Array(buffer)'],
    [[1, 2, 300], 'found an array of length 3: use Uint8Array.from(numbers)'],
    [[Uint8Array.of(1)], 'found an array of length 1: pass the elements one by one'],
    [undefined, 'found nothing'],
    [null, 'found null'],
    [5n, 'found 5n'],
  ])('names the found value and a conversion (%#)', (value, found) => {
    expect(() => requireBytes('what', value, { path: 'payload' })).toThrow(
      `what: payload: expected a Uint8Array, ${found}`,
    );
  });

  it('accepts Buffers, and Uint8Arrays of other realms', () => {
    requireBytes('what', Buffer.from('a'));
    requireBytes('what', runInNewContext('new Uint8Array(2)'));
  });
});

describe('a writer', () => {
  it.each<[string, (value: Uint8Array) => unknown]>([
    ['encodeTFRecord', encodeTFRecord],
    ['encodeRecordIO', encodeRecordIO],
    ['encodeRecordIOParts', (value) => encodeRecordIOParts([value])],
    ['decodeRaw', (value) => decodeRaw(value, 'int32')],
    ['crc32c', crc32c],
    ['encodeExample', (value) => encodeExample({ a: { bytesList: [value] } })],
    [
      'encodeRecordProtobuf',
      (value) => encodeRecordProtobuf({ features: { a: { dtype: 'bytes', shape: [1], data: [value] } } }),
    ],
    [
      'TFRecordReader.push',
      (value) => {
        new TFRecordReader().push(value);
      },
    ],
    [
      'RecordIOReader.push',
      (value) => {
        new RecordIOReader().push(value);
      },
    ],
    [
      'TextLineReader.push',
      (value) => {
        new TextLineReader().push(value);
      },
    ],
  ])('or reader refuses what is no Uint8Array: %s', (name, call) => {
    for (const value of ['abcd', Float32Array.of(1), [1, 2], undefined]) {
      const fault = expect(() => call(untyped(value)));
      fault.toThrow(ConfigError);
    }
    expect(() => call(untyped('abcd'))).toThrow(new RegExp(`^${name}: .*found "abcd"`));
  });

  it('accepts a line only as text or bytes', () => {
    expect(() => encodeTextLine(untyped([104, 105]))).toThrow(
      /^encodeTextLine: line: expected a Uint8Array, found an array/,
    );
  });

  it.each([
    [null, /features: expected an object whose keys are names, found null/],
    ['a', /features: expected an object whose keys are names, found "a"/],
    [{ a: null }, /a: expected an object with int64List, floatList or bytesList, found null/],
    [{ a: new Uint8Array(800) }, /floatList or bytesList, found a Uint8Array of length 800/],
    [{ a: [1] }, /a: expected an object with .*, found an array of length 1/],
    [{ a: { int64List: 5 } }, /a\.int64List: expected an array or a typed array, found 5/],
    [{ a: { floatList: '12' } }, /a\.floatList: expected an array or a typed array, found "12"/],
    [{ a: { bytesList: 'ab' } }, /a\.bytesList: expected an array or a typed array, found "ab"/],
    [{ a: { int64List: ['\u200f'] } }, /a\.int64List\[0\]: expected .*, found "\\u200f"/],
  ])('of Examples says which feature is none (%#)', (features, message) => {
    const call = () => encodeExample(features as unknown as Record<string, FeatureValues>);
    expect(call).toThrow(ConfigError);
    expect(call).toThrow(message);
  });

  it('of sequences names the sequence without steps', () => {
    const sequence = { s: null } as unknown as Record<string, FeatureValues[]>;
    expect(() => encodeSequenceExample({ sequence })).toThrow(/sequence\.s: expected an array of steps, found null/);
  });

  it('of Records rejects data of another dtype', () => {
    const tensor = { dtype: 'float32', shape: [1], data: Float64Array.of(1) } as unknown as ReturnType<
      typeof ndarray<'float32'>
    >;
    const message = /features\.a: expected Float32Array data for float32, found a Float64Array of length 1/;
    expect(() => encodeRecordProtobuf({ features: { a: tensor } })).toThrow(message);
  });
});

describe('a decoder', () => {
  const features = { a: fixedLenFeature([], 'int64', { default: 0 }) };
  const skip = { onBadRecord: 'skip' } as const;

  it.each<[string, unknown, OperatorFunction<never, unknown>]>([
    ['decodeTFRecord: chunk', 'text', decodeTFRecord(skip)],
    ['decodeRecordIO: chunk', 'text', decodeRecordIO()],
    ['decodeTextLine: chunk', 'text', decodeTextLine()],
    ["decompress('gzip'): chunk", 'text', decompress('gzip')],
    ["decompress('auto'): chunk", 'text', decompress('auto')],
    ['decodeImage: record 0', 'text', decodeImage(skip)],
    ['combineAttributes: record', 'text', combineAttributes(1)],
    ['parseExample: record 1', [new Uint8Array(0), 'text'], parseExample(features, skip)],
    ['parseExample: record 0', 'text', parseSingleExample(features, skip)],
    ['parseExample: record 0', 'text', parseSequenceExample({ context: features, sequence: {} }, skip)],
    ['parseRecordProtobuf: record 0', ['text'], parseRecordProtobuf({ features: { x: { dtype: 'float32' } } }, skip)],
    ['decodeCsv: record 1', ['1', 5], decodeCsv(['int64'], skip)],
  ])(
    'notifies a ConfigError for what is no Uint8Array, also where bad records are skipped: %s',
    async (place, item, decode) => {
      const failed = expect(lastValueFrom(of(item).pipe(decode as OperatorFunction<unknown, unknown>))).rejects;
      const found = JSON.stringify([item].flat().at(-1));
      await failed.toThrow(`${place}: expected a Uint8Array, found ${found}`);
    },
  );
});

describe('a batch of records', () => {
  it.each<[string, (batch: never) => unknown]>([
    ['CSV', (batch) => createCsvParser(['int64']).parseBatch(batch)],
    ['Example', (batch) => createExampleParser({ x: fixedLenFeature([], 'int64') }).parseBatch(batch)],
    ['Record', (batch) => createRecordProtobufParser({ features: { x: { dtype: 'float32' } } }).parseBatch(batch)],
  ])('is an array: %s', (_, parse) => {
    for (const batch of ['12', null, 5, {}, Uint8Array.of(1)]) {
      expect(() => parse(batch as never)).toThrow('parseBatch: expected an array of records, found');
    }
  });
});
