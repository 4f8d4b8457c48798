import { FormatError } from '../../../src/base/errors.js';
import { createExampleParser } from '../../../src/formats/example/exampleParser.js';
import {
  fixedLenFeature,
  fixedLenSequenceFeature,
  raggedFeature,
  rawFeature,
  sparseFeature,
  varLenFeature,
  type Features,
} from '../../../src/formats/example/features.js';
import { thrownBy } from '../support/thrownBy.js';
import { bytesFeature, entry, example, field, floatFeature, int64Feature, varint } from '../support/wire.js';

const failure = (parse: () => unknown) => thrownBy(FormatError, parse);

/** Parses one record for the feature `x`. */
function parseX<const F extends Features[string]>(feature: F, ...entries: number[][]) {
  return createExampleParser({ x: feature }).parseSingle(example(...entries)).x;
}

const x = (content: number[]) => entry('x', content);
const int64 = fixedLenFeature([], 'int64');

describe('parseBatch', () => {
  it('returns a first dimension of 0 for an empty batch', () => {
    const features = {
      fixed: fixedLenFeature([2], 'float32'),
      bytes: fixedLenFeature([], 'bytes'),
      sequence: fixedLenSequenceFeature([3], 'int64'),
      raw: rawFeature([4], 'uint8'),
      varLen: varLenFeature('int64'),
      sparse: sparseFeature({ indexKey: 'i', valueKey: 'v', dtype: 'float32', size: 9 }),
      ragged: raggedFeature('int64'),
    };
    const batch = createExampleParser(features).parseBatch([]);
    expect(batch.fixed.shape).toEqual([0, 2]);
    expect(batch.bytes.shape).toEqual([0]);
    expect(batch.sequence.shape).toEqual([0, 0, 3]);
    expect(batch.raw.shape).toEqual([0, 4]);
    expect(batch.varLen).toMatchObject({ denseShape: [0, 0], indices: { shape: [0, 2] } });
    expect(batch.sparse).toMatchObject({ denseShape: [0, 9], indices: { shape: [0, 2] } });
    expect(batch.ragged.rowSplits).toEqual(Int32Array.of(0));
  });

  it('returns fresh arrays each time', () => {
    const parser = createExampleParser({ x: fixedLenFeature([], 'float32'), y: fixedLenFeature([], 'int64') });
    const record = example(x(floatFeature(1.5)), entry('y', int64Feature(7n)));
    const first = parser.parseBatch([record]);
    const second = parser.parseBatch([record]);
    expect(first.x.data.buffer).not.toBe(second.x.data.buffer);
    expect(first.y.data.buffer).not.toBe(second.y.data.buffer);
  });

  it('counts records from firstRecordIndex', () => {
    const parser = createExampleParser({ x: int64 });
    const records = [example(x(int64Feature(1n))), example()];
    expect(failure(() => parser.parseBatch(records, 100)).recordIndex).toBe(101);
    expect(failure(() => parser.parseSingle(example(), 7)).recordIndex).toBe(7);
  });

  it('goes on after a bad batch', () => {
    const parser = createExampleParser({ x: int64 });
    expect(failure(() => parser.parseBatch([example()])).kind).toBe('malformed');
    expect(parser.parseBatch([example(x(int64Feature(5n)))]).x.data).toEqual(BigInt64Array.of(5n));
  });

  it('pads a sequence of each dtype with its default', () => {
    const parser = createExampleParser({
      i: fixedLenSequenceFeature([], 'int64', { default: '-9223372036854775808' }),
      n: fixedLenSequenceFeature([], 'int64', { default: -1, as: 'int32' }),
      f: fixedLenSequenceFeature([], 'float32', { default: 'inf' }),
      b: fixedLenSequenceFeature([], 'bytes', { defaultBase64: 'cGFk' }),
    });
    const lists = [entry('i', int64Feature(1n)), entry('n', int64Feature(2n)), entry('f', floatFeature(3))];
    const batch = parser.parseBatch([example(...lists, entry('b', bytesFeature(Uint8Array.of(4)))), example()]);
    expect(batch.i.data).toEqual(BigInt64Array.of(1n, -(2n ** 63n)));
    expect(batch.n.data).toEqual(Int32Array.of(2, -1));
    expect(batch.f.data).toEqual(Float32Array.of(3, Infinity));
    expect(batch.b.data).toEqual([Uint8Array.of(4), new Uint8Array(Buffer.from('pad'))]);
  });
});

describe('parseSingle', () => {
  it('returns bytes as views on the record, and copies numbers', () => {
    const record = example(x(bytesFeature(Uint8Array.of(1, 2))), entry('y', floatFeature(1)));
    const parsed = createExampleParser({ x: fixedLenFeature([], 'bytes'), y: varLenFeature('float32') }).parseSingle(
      record,
    );
    expect(parsed.x.data[0]!.buffer).toBe(record.buffer);
    expect(parsed.y.values.data.buffer).not.toBe(record.buffer);
  });

  it('narrows int64 to int32 or float32 on request', () => {
    expect(parseX({ ...int64, as: 'int32' }, x(int64Feature(-(2n ** 31n))))).toEqual({
      dtype: 'int32',
      shape: [],
      data: Int32Array.of(-(2 ** 31)),
    });
    const list = x(int64Feature(2n ** 24n, -5n));
    expect(parseX(raggedFeature('int64', { as: 'float32' }), list).data).toEqual(Float32Array.of(2 ** 24, -5));
    expect(parseX(varLenFeature('int64', { as: 'int32' }), list).values.data).toEqual(Int32Array.of(2 ** 24, -5));
  });

  it.each([
    ['int32', 2n ** 31n],
    ['int32', -(2n ** 31n) - 1n],
    ['int32', 2n ** 32n],
    ['int32', -(2n ** 63n)],
    ['float32', 2n ** 24n + 1n],
    ['float32', -(2n ** 24n) - 1n],
  ] as const)('refuses to narrow to %s: %p', (as, value) => {
    const error = failure(() => parseX({ ...int64, as }, x(int64Feature(value))));
    expect(error.kind).toBe('malformed');
    expect(error.message).toContain(`feature "x": ${value} is out of the range of ${as}`);
  });

  it('keeps every bit of the values of a sparse feature', () => {
    const feature = sparseFeature({ indexKey: 'i', valueKey: 'v', dtype: 'float32', size: 9 });
    // A signaling NaN, which a JavaScript number cannot represent.
    const value = field(2, field(1, [0x00, 0x00, 0x84, 0x7f]));
    const { values } = parseX(feature, entry('i', int64Feature(3n)), entry('v', value));
    expect(new Uint32Array(values.data.buffer, values.data.byteOffset, 1)).toEqual(Uint32Array.of(0x7f84_0000));
  });

  it('reads a raw feature of every dtype as the array in its bytes', () => {
    const bytes = Uint8Array.from({ length: 16 }, (_, index) => index * 17);
    const list = x(bytesFeature(bytes));
    expect(parseX(rawFeature([16], 'uint8'), list).data).toEqual(bytes);
    expect(parseX(rawFeature([16], 'bool'), list).data).toEqual(bytes);
    expect(parseX(rawFeature([2, 4], 'int16'), list)).toMatchObject({
      shape: [2, 4],
      data: new Int16Array(bytes.buffer),
    });
    expect(parseX(rawFeature([2], 'float64'), list).data).toEqual(new Float64Array(bytes.buffer));
    expect(parseX(rawFeature([2], 'uint64'), list).data).toEqual(new BigUint64Array(bytes.buffer));
  });

  it.each([
    ['another length', bytesFeature(new Uint8Array(7)), 'expected 8 bytes (float32 of shape [2]), found 7'],
    ['two values', bytesFeature(new Uint8Array(8), new Uint8Array(8)), 'expected one bytes value, found 2'],
    ['none', bytesFeature(), 'expected one bytes value, found 0'],
    ['another kind of list', floatFeature(1, 2), 'expected bytes values, found float32'],
  ])('refuses a raw feature of %s', (_name, content, message) => {
    expect(failure(() => parseX(rawFeature([2], 'float32'), x(content))).message).toContain(`feature "x": ${message}`);
  });

  it('refuses a raw feature that is missing', () => {
    expect(failure(() => parseX(rawFeature([2], 'float32'))).message).toContain('feature "x"');
  });

  it('refuses as many indices as there are not values', () => {
    const sparse = sparseFeature({ indexKey: 'i', valueKey: 'v', dtype: 'int64', size: 5 });
    const error = failure(() => parseX(sparse, entry('i', int64Feature(1n, 2n)), entry('v', int64Feature(1n))));
    expect(error.message).toContain(
      'feature "x": expected equal numbers of indices and values, found 2 (in "i") and 1 (in "v")',
    );
  });

  it('keeps the order of values at one index', () => {
    const sparse = sparseFeature({ indexKey: 'i', valueKey: 'v', dtype: 'bytes', size: 5 });
    const values = ['a', 'b', 'c'].map((text) => new Uint8Array(Buffer.from(text)));
    const parsed = parseX(sparse, entry('i', int64Feature(3n, 1n, 3n)), entry('v', bytesFeature(...values)));
    expect(parsed.indices.data).toEqual(BigInt64Array.of(1n, 3n, 3n));
    expect(parsed.values.data).toEqual([values[1], values[0], values[2]]);
  });

  it('reads one key for several features', () => {
    const parser = createExampleParser({
      v: varLenFeature('int64'),
      i: fixedLenFeature([1], 'int64'),
      a: sparseFeature({ indexKey: 'i', valueKey: 'v', dtype: 'int64', size: 5 }),
      b: sparseFeature({ indexKey: 'i', valueKey: 'i', dtype: 'int64', size: 9 }),
    });
    const parsed = parser.parseSingle(example(entry('v', int64Feature(8n)), entry('i', int64Feature(2n))));
    expect([parsed.v.values.data, parsed.i.data, parsed.a.values.data, parsed.b.values.data]).toEqual(
      [8n, 2n, 8n, 2n].map((value) => BigInt64Array.of(value)),
    );
  });

  it('takes the last entry of a key, and passes over one without a list', () => {
    const entries = [x(floatFeature(1)), x(int64Feature(2n)), x([])];
    expect(parseX(int64, ...entries).data).toEqual(BigInt64Array.of(2n));
  });

  it('passes over groups, and over known fields of another wire type', () => {
    const group = [...varint(0x4bn), ...field(2, [1]), ...varint(0x53n), 0x54, 0x4c];
    const record = Uint8Array.from([...group, 0x08, 5, ...example(x([...group, ...int64Feature(3n)]))]);
    expect(createExampleParser({ x: int64 }).parseSingle(record).x.data).toEqual(BigInt64Array.of(3n));
  });

  it.each([
    ['groups without end', Array.from({ length: 5000 }, () => 0x4b), 'wire type 3'],
    ['the end of another group', [0x4b, 0x54], 'wire type 4'],
    ['a group that does not end', [0x4b], 'extends beyond the end of the record'],
    ['a field of number 0', [0x02, 0x00], 'a tag with an invalid field number'],
    ['a tag of over 32 bits', varint(2n ** 35n), 'a tag with an invalid field number'],
    ['wire type 6', [0x0e], 'wire type 6'],
    ['a length of 2^63', [0x0a, ...varint(2n ** 63n)], 'a length of 9223372036854776000 bytes'],
    [
      'a value past the end of its message',
      [...field(1, field(1, [0x0a, 5])), 0x48, 0],
      'extends beyond the end of its message',
    ],
    [
      'two lists in one feature',
      example(x([...int64Feature(1n), ...int64Feature(2n)])),
      'expected one list of values in the feature, found several',
    ],
    ['a varint that its list cuts', example(x(field(3, field(1, [0x80])))), 'the last number of a list is truncated'],
    ['half a float', example(x(field(2, field(1, [0, 0])))), 'expected int64 values, found float32'],
  ])('refuses %s', (_name, record, message) => {
    const error = failure(() => createExampleParser({ x: int64 }).parseSingle(Uint8Array.from(record)));
    expect(error).toMatchObject({ format: 'Example', recordIndex: 0 });
    expect(error.message).toContain(message);
  });

  it('refuses a packed list of half a float', () => {
    const error = failure(() => parseX(varLenFeature('float32'), x(field(2, field(1, [0, 0, 0, 0, 0, 0])))));
    expect(error.message).toContain('feature "x": expected float32 values of 4 bytes each, found 6 bytes');
  });

  it('names the place, the expected and found value, and the remedy', () => {
    const record = example(entry('other', int64Feature(1n)), x(int64Feature(1n, 2n)));
    const error = failure(() => createExampleParser({ x: int64 }).parseSingle(record, 3));
    // The list is at the end of the record: a tag, a length and two values.
    expect(error).toMatchObject({ kind: 'malformed', byteOffset: record.length - 4, recordIndex: 3 });
    expect(error.message).toContain(
      'feature "x": expected 1 value (shape []), found 2: correct the shape, or use varLen',
    );
    expect(failure(() => createExampleParser({ z: int64 }).parseSingle(record)).message).toContain('declare a default');
  });

  it('lists the features of a record that lacks one', () => {
    const record = example(
      entry('label', int64Feature(1n)),
      entry('image/\u009bencoded', bytesFeature(Uint8Array.of(1))),
    );
    const { message } = failure(() => createExampleParser({ labels: int64 }).parseSingle(record));
    expect(message).toContain(
      'feature "labels": the record lacks this feature, and contains "label", "image/\\u009bencoded": if the feature may be missing, declare',
    );
    const empty = failure(() => createExampleParser({ label: int64 }).parseSingle(example(entry('label', []))));
    expect(empty.message).toContain(
      'feature "label": the record contains this feature without a list of values: if the feature may be missing, declare a default',
    );
  });

  it('lists no more than ten names', () => {
    const record = example(...Array.from({ length: 12 }, (_, at) => entry(`n${at}`, int64Feature(1n))));
    const { message } = failure(() => createExampleParser({ x: int64 }).parseSingle(record));
    expect(message).toContain('"n9" and 2 more: if the feature may be missing, declare a default');
  });

  it('says of a SequenceExample that it is one', () => {
    const lists = field(2, entry('tokens', field(1, int64Feature(1n))));
    const record = Uint8Array.from([...example(entry('label', int64Feature(1n))), ...lists]);
    const { message } = failure(() => createExampleParser({ tokens: int64 }).parseSingle(record));
    expect(message).toContain(
      'the record is a tf.train.SequenceExample with "label" and the sequences "tokens": use parseSequenceExample',
    );
    expect(message).not.toContain('varLen');
  });

  it.each([
    ['a JPEG', [0xff, 0xd8, 0xff, 0xe0, 0, 16, 74, 70, 73, 70], 'a JPEG image'],
    ['JSON', Buffer.from('{"label": 1}'), 'text ("{\\"label\\": 1}")'],
    ['nothing', [], ''],
  ])('asks of %s whether it is an Example at all', (_name, record, look) => {
    const { message } = failure(() => createExampleParser({ label: int64 }).parseSingle(Uint8Array.from(record)));
    expect(message).toContain(
      `the record may not be a tf.train.Example${look === '' ? '' : `; the bytes look like ${look}`}`,
    );
  });

  it('refuses a record that lacks a feature with allowMissing: false, in every kind of column', () => {
    const allowMissing = false;
    const features = [
      varLenFeature('int64', { allowMissing }),
      raggedFeature('int64', { allowMissing }),
      fixedLenSequenceFeature([], 'int64', { allowMissing }),
    ];
    for (const feature of features) {
      const { message } = failure(() => parseX(feature, entry('y', int64Feature(1n))));
      expect(message).toContain(
        'feature "x": the record lacks this feature, and contains "y": to accept such records, remove allowMissing: false',
      );
      // A list without values is not missing.
      expect(() => parseX(feature, x(int64Feature()))).not.toThrow();
    }
    const sparse = sparseFeature({ indexKey: 'i', valueKey: 'v', dtype: 'int64', size: 5, allowMissing });
    expect(failure(() => parseX(sparse, entry('y', int64Feature(1n)))).message).toContain(
      'feature "i": the record lacks',
    );
  });

  it('keeps names of any kind from touching prototypes', () => {
    const names = ['__proto__', 'constructor', 'toString', '', 'ключ', '7'];
    const features: Features = Object.fromEntries(names.map((name) => [name, int64]));
    const record = example(...names.map((name, index) => entry(name, int64Feature(BigInt(index)))));
    const parsed = createExampleParser(features).parseSingle(record);
    expect(new Set(Object.keys(parsed))).toEqual(new Set(names));
    expect(Object.getPrototypeOf(parsed)).toBe(Object.prototype);
    for (const [index, name] of names.entries()) {
      const value = Object.getOwnPropertyDescriptor(parsed, name)!.value as { readonly data: BigInt64Array };
      expect(value.data).toEqual(BigInt64Array.of(BigInt(index)));
    }
    expect(Object.keys(createExampleParser({ x: int64 }).parseSingle(example(x(int64Feature(1n)))))).toEqual(['x']);
    expect('dtype' in {}).toBe(false);
  });

  it('finds each of many names', () => {
    const names = Array.from({ length: 500 }, (_, index) => `feature ${index}`);
    const parser = createExampleParser(Object.fromEntries(names.map((name) => [name, int64])));
    const parsed = parser.parseSingle(example(...names.map((name, index) => entry(name, int64Feature(BigInt(index))))));
    for (const [index, name] of names.entries())
      expect(parsed[name]).toMatchObject({ data: BigInt64Array.of(BigInt(index)) });
  });
});
