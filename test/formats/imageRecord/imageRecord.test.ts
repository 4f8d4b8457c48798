import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { RecordIOReader } from '../../../src/formats/recordio/recordIOReader.js';
import { encodeImageRecord, readImageRecord } from '../../../src/formats/imageRecord/imageRecord.js';
import { fixtureBytes, fixtureJson, fromBase64 } from '../support/fixtures.js';

interface GoldenCase {
  readonly record: string;
  readonly flag: number;
  readonly labels: readonly string[];
  readonly id: string;
  readonly id2: string;
  readonly image: string;
}

interface GoldenImage {
  readonly image: string;
  readonly labels: readonly string[];
  readonly isOne: boolean;
}

const { cases, images } = fixtureJson('imagerecord/cases.json') as {
  readonly cases: readonly GoldenCase[];
  readonly images: readonly GoldenImage[];
};
const numbersOf = (labels: readonly string[]): number[] =>
  labels.map((label) => Number(label.replace('inf', 'Infinity')));

describe('readImageRecord', () => {
  it.each(cases)("reads the values of MXNet's unpack: flag $flag, id $id", ({ record, flag, labels, id, image }) => {
    const values = Float32Array.from(numbersOf(labels));
    expect(readImageRecord(fromBase64(record), 0)).toEqual({
      image: fromBase64(image),
      label: { dtype: 'float32', shape: flag === 0 ? [] : [flag], data: values },
      id: BigInt(id),
    });
  });

  it("reads the records of MXNet's MXRecordIO, which splits images at magic words", () => {
    const reader = new RecordIOReader({ multipart: 'dmlc' });
    reader.push(fixtureBytes('imagerecord/images.rec'));
    for (const [index, { image, labels, isOne }] of images.entries()) {
      const { label, ...rest } = readImageRecord(reader.read()!, index);
      expect(rest).toEqual({ image: fromBase64(image), id: BigInt(index) });
      expect([label.shape, [...label.data]]).toEqual([isOne ? [] : [labels.length], numbersOf(labels)]);
    }
    expect(reader.read()).toBeUndefined();
    reader.end();
  });

  it('returns a view of the image, and a copy of the labels at any alignment', () => {
    const record = encodeImageRecord(Uint8Array.of(7, 8), [1, 2]);
    const memory = new Uint8Array(record.length + 1);
    memory.set(record, 1);
    const { image, label } = readImageRecord(memory.subarray(1), 0);
    expect([image.buffer === memory.buffer, [...image]]).toEqual([true, [7, 8]]);
    memory.fill(0);
    expect([...label.data]).toEqual([1, 2]);
  });

  it.each([
    ['nothing', new Uint8Array(0), 'expected a header of im2rec and 0 labels (24 bytes), found 0 bytes'],
    ['a cut header', new Uint8Array(23).fill(255), 'and 0 labels (24 bytes), found 23 bytes'],
    ['a cut label', encodeImageRecord(new Uint8Array(0), [1, 2]).subarray(0, -1), 'and 2 labels (32 bytes), found 31'],
    ['another format', new Uint8Array(40).fill(255), 'and 4294967295 labels (17179869204 bytes), found 40 bytes'],
  ])('throws a FormatError for %s', (_, record, message) => {
    expect(() => readImageRecord(record, 3)).toThrow(
      expect.objectContaining({
        code: 'ERR_FORMAT_TRUNCATED',
        recordIndex: 3,
        byteOffset: record.length,
        message: expect.stringContaining(message),
      }),
    );
  });
});

describe('encodeImageRecord', () => {
  it.each(cases.filter(({ id2 }) => id2 === '0'))(
    "writes the bytes of MXNet's pack: flag $flag, id $id",
    ({ record, flag, labels, id, image }) => {
      const numbers = numbersOf(labels);
      const written = encodeImageRecord(fromBase64(image), flag === 0 ? numbers[0]! : numbers, BigInt(id));
      expect(Buffer.from(written).toString('base64')).toBe(record);
    },
  );

  it('writes what readImageRecord reads', () => {
    const label = fc.oneof(fc.float(), fc.array(fc.float(), { minLength: 1, maxLength: 9 }));
    fc.assert(
      fc.property(fc.uint8Array(), label, fc.bigInt(0n, 2n ** 64n - 1n), (image, labels, id) => {
        const read = readImageRecord(encodeImageRecord(image, labels, id), 0);
        expect(read).toEqual({
          image,
          id,
          label: {
            dtype: 'float32',
            shape: Array.isArray(labels) ? [labels.length] : [],
            data: Float32Array.from([labels].flat()),
          },
        });
      }),
    );
  });

  it.each([
    ['image', ['text', 1], /^encodeImageRecord: image: expected a Uint8Array/],
    ['label', [new Uint8Array(0), []], /^encodeImageRecord: label: expected numbers/],
    ['label', [new Uint8Array(0), ['1']], /^encodeImageRecord: label: expected numbers/],
    ['id', [new Uint8Array(0), 1, 5], /^encodeImageRecord: id: expected a bigint from 0 to 2\^64 - 1/],
    ['id', [new Uint8Array(0), 1, 2n ** 64n], /id: expected a bigint/],
    ['id', [new Uint8Array(0), 1, -1n], /id: expected a bigint/],
  ])('throws a ConfigError for a wrong %s', (path, values, message) => {
    const encode = () => encodeImageRecord(...(values as Parameters<typeof encodeImageRecord>));
    expect(encode).toThrow(expect.objectContaining({ code: 'ERR_CONFIG', path }));
    expect(encode).toThrow(message);
  });
});
