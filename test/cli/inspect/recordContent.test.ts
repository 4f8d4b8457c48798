import { describe, expect, it } from '@jest/globals';
import { RecordContent } from '../../../src/cli/inspect/recordContent.js';
import { encodeExample } from '../../../src/formats/example/encodeExample.js';
import { encodeSequenceExample } from '../../../src/formats/example/encodeSequenceExample.js';
import { createExampleListParser } from '../../../src/formats/example/exampleListParser.js';
import type { ExampleListFeatures } from '../../../src/formats/example/parsedExampleLists.js';
import { inspected } from './inspected.js';

const found = (...records: (Uint8Array | string)[]) => {
  const bytes = records.map((record) =>
    typeof record === 'string' ? Buffer.from(record.replaceAll(' ', ''), 'hex') : record,
  );
  return inspected(new RecordContent(), bytes);
};
const int64 = (...values: number[]) => ({ int64List: values.map(BigInt) });
/** Encodes a length-delimited protobuf field. */
const field = (number: number, ...parts: Uint8Array[]): Buffer => {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.of((number << 3) | 2, content.length), content]);
};

describe('RecordContent', () => {
  it('recognises SequenceExamples with and without a context', () => {
    const sequence = { tokens: [int64(7), int64(8)] };
    const context = { label: int64(1) };
    const { name, decoder, features, shown } = found(encodeSequenceExample({ context, sequence }));
    expect({ name, decoder }).toEqual({ name: 'tf.train.SequenceExample', decoder: 'parseSequenceExample' });
    expect(features).toEqual({
      context: { label: { kind: 'fixedLen', shape: [], dtype: 'int64' } },
      sequence: { tokens: { kind: 'fixedLenSequence', shape: [], dtype: 'int64' } },
    });
    expect(shown).toEqual(['\n  context label: int64 1\n  sequence tokens: 2 steps of int64, the first 7']);
    expect(found(encodeSequenceExample({ context: {}, sequence })).name).toBe('tf.train.SequenceExample');
  });

  it('recognises SequenceExamples by a later record if the first has only a context', () => {
    const context = { label: int64(1) };
    const records = [{}, { tokens: [int64(7)] }].map((sequence) => encodeSequenceExample({ context, sequence }));
    const { name, features } = found(...records);
    expect(name).toBe('tf.train.SequenceExample');
    expect(features).toMatchObject({ sequence: { tokens: { kind: 'varLen', dtype: 'int64' } } });
  });

  it('treats an empty context as a SequenceExample, and reports that it may be an Example', () => {
    const { name, error, remarks } = found(encodeExample({ a: int64(1) }), '0a 00');
    expect({ name, error }).toEqual({ name: 'tf.train.SequenceExample', error: undefined });
    expect(remarks.join()).toContain('tf.train.Example');
  });

  it('proposes no fixed length for steps that differ in their number of values', () => {
    const { features } = found(encodeSequenceExample({ context: {}, sequence: { s: [int64(1), int64(2, 3)] } }));
    expect(features).toEqual({ context: {}, sequence: { s: { kind: 'varLen', dtype: 'int64' } } });
  });

  it('proposes features with defaults for the examples of an ExampleListWithContext', () => {
    const example = encodeExample({ score: int64(3), words: { bytesList: [Buffer.from('a')] } });
    const other = encodeExample({ score: int64(4, 5), words: { bytesList: [Buffer.from('b')] } });
    const record = Buffer.concat([field(1, example), field(1, other), field(2, encodeExample({ q: int64(1) }))]);
    const { features, ...rest } = found(record);
    expect(rest).toMatchObject({ name: 'ExampleListWithContext', decoder: 'parseExampleList', isBatchable: true });
    expect(features).toEqual({
      context: { q: { kind: 'fixedLen', shape: [], dtype: 'int64' } },
      examples: {
        score: { kind: 'varLen', dtype: 'int64' },
        words: { kind: 'fixedLen', shape: [], dtype: 'bytes', defaultText: '' },
      },
    });
    const parsed = createExampleListParser(features as ExampleListFeatures).parseBatch([record]);
    expect(parsed.sizes.data).toEqual(BigInt64Array.of(2n));
  });

  it.each([
    ['an entry without a key', ['0a 04 0a 02 0a 00']],
    ['an entry without a value', ['0a 02 0a 00']],
    ['text fields only', ['1a 01 61', '2a 01 62']],
    ['messages of another type', ['1a 01 61', '1a 01 61 30 01']],
    ['nothing but empty records', ['', '']],
  ])('treats %s as bytes, without an error', (_, records) => {
    expect(found(...records)).toMatchObject({ name: 'bytes', error: undefined, features: null });
  });

  it('treats records as bytes if only a few look like a message, and reports it', () => {
    const { name, error, remarks } = found(encodeExample({ a: int64(1) }), 'ff', 'fe');
    expect({ name, error }).toEqual({ name: 'bytes', error: undefined });
    expect(remarks).toContain('some records look like tf.train.Example, but most do not');
  });

  it('finds a record beyond the first hundred that no parser can read', () => {
    const example = encodeExample({ a: int64(1) });
    const { name, error, remarks } = found(...Array.from({ length: 120 }, () => example), example.subarray(0, 5));
    expect(name).toBe('tf.train.Example');
    expect(remarks).toContain('120 of 121 records are tf.train.Example; record 120 is not');
    expect(error).toMatchObject({ code: 'ERR_FORMAT_TRUNCATED', recordIndex: 120 });
  });

  const nearly = (usual: Parameters<typeof encodeExample>[0], odd: typeof usual) =>
    found(...Array.from({ length: 501 }, (_, at) => encodeExample(at === 311 ? odd : usual)));

  it('proposes the dtype that nearly all records have, and tells the first other', () => {
    const { features, remarks } = nearly({ a: int64(1) }, { a: { floatList: [1] } });
    expect(features).toEqual({ a: { kind: 'fixedLen', shape: [], dtype: 'int64' } });
    expect(remarks).toEqual([
      '"a": 500 of 501 records have int64; record 311 has float32',
      "parseExample fails on such a record; { onBadRecord: 'skip' } skips these records",
    ]);
  });

  it.each([
    [
      'number of values',
      { a: int64(1, 2) },
      { a: int64(1) },
      '"a": 500 of 501 records have 2 values; record 311 has 1 value',
    ],
    [
      'size of bytes',
      { a: { bytesList: [new Uint8Array(300)] } },
      { a: { bytesList: [new Uint8Array(3)] } },
      '"a": 500 of 501 records have 300 bytes; record 311 has 3 bytes',
    ],
    [
      'set of features',
      { a: int64(1), b: int64(1) },
      { b: int64(1) },
      '"a" is missing in 1 record, first in record 311',
    ],
  ])('tells the first record with another %s', (_, usual, odd, remark) => {
    expect(nearly(usual, odd).remarks).toEqual([remark]);
  });

  it('tells the first step of a sequence with another number of values', () => {
    const sequence = { s: [int64(1, 2), int64(1, 2), int64(3)] };
    expect(found(encodeSequenceExample({ context: {}, sequence })).remarks).toEqual([
      'sequence "s": 2 of 3 steps have 2 values; record 0 has 1 value',
    ]);
  });

  it('tells the first record of bytes with another size, but not if sizes vary', () => {
    const remarksOf = (sizeOf: (at: number) => number) =>
      found(...Array.from({ length: 200 }, (_, at) => new Uint8Array(sizeOf(at)).fill(255))).remarks;
    expect(remarksOf((at) => (at === 150 ? 63 : 64))).toEqual(['199 of 200 records have 64 bytes; record 150 has 63']);
    expect(remarksOf((at) => 64 + (at % 5))).toEqual([]);
  });

  it('reports a field that a parser skips, without an error', () => {
    const example = encodeExample({ a: int64(1) });
    const { error, remarks } = found(example, example, Buffer.concat([example, field(9, Buffer.of(1))]));
    expect(error).toBeUndefined();
    expect(remarks).toEqual(['record 2 has a field 9 that tf.train.Example does not have: parsers skip this field']);
  });

  it.each([
    ['without a kind', encodeExample({ a: int64(1) }), '0a 05 0a 01 62 12 00'],
    ['with an empty list', encodeExample({ a: int64(1) }), '0a 07 0a 01 62 12 02 1a 00'],
  ])('reports that a feature %s has no value', (_, example, entry) => {
    const features = Buffer.concat([example.subarray(2), Buffer.from(entry.replaceAll(' ', ''), 'hex')]);
    expect(found(field(1, features)).remarks).toContain('"b" has no value in any record');
  });

  it('omits a name that is not UTF-8, because no parser can request it', () => {
    const entry = field(1, field(1, Buffer.of(0xff)), field(2, field(3)));
    const { features, remarks } = found(field(1, encodeExample({ a: int64(1) }).subarray(2), entry));
    expect(features).toEqual({ a: { kind: 'fixedLen', shape: [], dtype: 'int64' } });
    expect(remarks.join()).toContain('or not in UTF-8 are not shown');
  });

  it.each([
    [2 ** 24, '16777216'],
    [0.1, '0.1'],
    [3.4028234663852886e38, '3.4028235e+38'],
    [2 ** -149, '1e-45'],
    [-0, '-0'],
  ])('shows the float32 nearest to %d as the shortest text that parses to it', (value, text) => {
    expect(found(encodeExample({ f: { floatList: [value] } })).shown).toEqual([`\n  f: float32 ${text}`]);
    expect(Math.fround(Number(text))).toBe(Math.fround(value));
  });
});

/** Encodes the Value of a Record with a Float32Tensor. */
const tensor = (...parts: Buffer[]): Buffer => field(2, ...parts);
const floats = (...values: number[]): Buffer => field(1, Buffer.from(Float32Array.from(values).buffer));
const keys = (...places: number[]): Buffer => field(2, Buffer.from(places));
const shape = (...sizes: number[]): Buffer => field(3, Buffer.from(sizes));
const record = (value: Buffer): Buffer => field(1, field(1, Buffer.from('values')), field(2, value));

/** A Record without `values`. */
const other = field(1, field(1, Buffer.from('x')), field(2, tensor(floats(1))));

describe('RecordContent of Record protobuf', () => {
  it('proposes sparse for rows of zeros: a shape, no values and no keys', () => {
    const { features } = found(record(tensor(shape(4))));
    expect(features).toEqual({ features: { values: { kind: 'sparse', dtype: 'float32' } }, label: {} });
  });

  it.each([
    ['dense rows and rows of zeros', [record(tensor(floats(1, 2, 3, 4))), record(tensor(shape(4)))]],
    ['sparse rows without a shape', [record(tensor(floats(1, 2), keys(0, 3)))]],
    ['a key outside of the shape', [record(tensor(floats(1), keys(4), shape(4)))]],
    ['a tensor that a record lacks', [record(tensor(floats(1))), other]],
  ])('reports that no proposal can parse %s', (_, records) => {
    const { features, remarks } = found(...records);
    expect(features).toMatchObject({ features: {} });
    expect(features).not.toHaveProperty('features.values');
    expect(remarks.join()).toContain(
      'the proposal does not contain features "values", because there are records in which parseRecordProtobuf cannot read it',
    );
  });

  it('proposes no batches if the shapes differ', () => {
    const { isBatchable, features, remarks } = found(record(tensor(floats(1))), record(tensor(floats(1, 2))));
    expect(remarks).toContain(
      'features "values" has different shapes in the records, first in record 1: parse each record separately, without batch',
    );
    expect({ isBatchable, features }).toEqual({
      isBatchable: false,
      features: { features: { values: { dtype: 'float32' } }, label: {} },
    });
  });

  it('names an image with its content type', () => {
    const jpeg = field(9, field(1, Buffer.of(0xff, 0xd8, 0xff, 0xe0)), field(2, Buffer.from('image/jpeg')));
    expect(found(record(jpeg)).shown).toEqual([
      '\n  features values: bytes JPEG image, with a truncated header, 4 bytes, content type image/jpeg',
    ]);
  });
});
