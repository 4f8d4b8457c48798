import fc from 'fast-check';
import { ConfigError, FormatError } from '../../../src/base/errors.js';
import { ndarray, type SparseArray } from '../../../src/arrays/ndarray.js';
import { encodeRecordProtobuf, type RecordValues } from '../../../src/formats/recordProtobuf/encodeRecordProtobuf.js';
import {
  createRecordProtobufParser,
  type RecordTensors,
} from '../../../src/formats/recordProtobuf/recordProtobufParser.js';
import { thrownBy } from '../support/thrownBy.js';
import { field, varint } from '../support/wire.js';

const floats = (...values: number[]) => ndarray('float32', [values.length], Float32Array.from(values));
const bytesOf = (data: Float32Array | Float64Array) => new Uint8Array(data.buffer);
const varints = (...numbers: number[]) => numbers.flatMap((number) => varint(BigInt(number)));

/** Makes a map entry of a Record from a Value. Field 1 is `features`, 2 is `label`. */
const entryOf = (map: number, name: string, value: readonly number[]) =>
  field(map, [...field(1, Buffer.from(name)), ...field(2, value)]);

const dense = { features: { values: { dtype: 'float32' } } } as const;
const sparse = { features: { values: { kind: 'sparse', dtype: 'float32' } } } as const;

const sparseArray = (keys: readonly number[][], denseShape: readonly number[]): SparseArray<'float32'> => ({
  indices: ndarray('int64', [keys.length, denseShape.length], BigInt64Array.from(keys.flat(), BigInt)),
  values: floats(...keys.map((_, at) => at + 1)),
  denseShape,
});

describe('createRecordProtobufParser', () => {
  const everything = Uint8Array.from([
    ...entryOf(1, 'f32', field(2, field(1, bytesOf(Float32Array.of(1.5, -2))))),
    ...entryOf(
      1,
      'f64',
      field(3, [...field(1, bytesOf(Float64Array.of(1, 2, 3, 4, 5, 6))), ...field(3, varints(2, 3))]),
    ),
    ...entryOf(1, 'i32', field(7, field(1, [...varint(-1n), ...varint(300n)]))),
    ...entryOf(1, 'raw', field(9, [...field(1, [1, 2]), ...field(2, Buffer.from('image/png'))])),
    ...entryOf(2, 'values', field(2, field(1, bytesOf(Float32Array.of(7))))),
    ...field(3, Buffer.from('uid')),
    ...field(4, Buffer.from('metadata')),
    ...field(5, Buffer.from('{}')),
  ]);
  const request = {
    features: {
      f32: { dtype: 'float32' },
      f64: { dtype: 'float64' },
      i32: { dtype: 'int32' },
      raw: { dtype: 'bytes' },
    },
    label: { values: { dtype: 'float32' } },
  } as const;

  it('reads the dense tensors of the schema, with their shapes or as vectors', () => {
    expect(createRecordProtobufParser(request).parseSingle(everything)).toEqual({
      features: {
        f32: floats(1.5, -2),
        f64: ndarray('float64', [2, 3], Float64Array.of(1, 2, 3, 4, 5, 6)),
        i32: ndarray('int32', [2], Int32Array.of(-1, 300)),
        raw: ndarray('bytes', [1], [Uint8Array.of(1, 2)]),
      },
      label: { values: floats(7) },
    });
  });

  it('stacks the tensors of a batch on a new first dimension', () => {
    const { features, label } = createRecordProtobufParser(request).parseBatch([everything, everything]);
    expect(features.f64).toEqual(ndarray('float64', [2, 2, 3], Float64Array.of(1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6)));
    expect(features.raw.shape).toEqual([2, 1]);
    expect(label.values).toEqual(ndarray('float32', [2, 1], Float32Array.of(7, 7)));
  });

  it('reads sparse tensors, those without a value too', () => {
    const tensor = field(2, [
      ...field(1, bytesOf(Float32Array.of(5, 6))),
      ...field(2, varints(3, 11)),
      ...field(3, varints(3, 4)),
    ]);
    const record = Uint8Array.from(entryOf(1, 'values', tensor));
    const empty = Uint8Array.from(entryOf(1, 'values', field(2, field(3, varints(3, 4)))));
    const parser = createRecordProtobufParser(sparse);
    expect(parser.parseSingle(record).features.values).toEqual({
      indices: ndarray('int64', [2, 2], BigInt64Array.of(0n, 3n, 2n, 3n)),
      values: floats(5, 6),
      denseShape: [3, 4],
    });
    expect(parser.parseBatch([record, empty, record]).features.values).toEqual({
      indices: ndarray('int64', [4, 3], BigInt64Array.of(0n, 0n, 3n, 0n, 2n, 3n, 2n, 0n, 3n, 2n, 2n, 3n)),
      values: floats(5, 6, 5, 6),
      denseShape: [3, 3, 4],
    });
  });

  it('accepts numbers that are not packed', () => {
    const unpacked = (number: number, values: readonly number[][], wireType: number) =>
      values.flatMap((value) => [(number << 3) | wireType, ...value]);
    const double = (value: number) => [...bytesOf(Float64Array.of(value))];
    const tensor = [...unpacked(1, [double(1), double(2)], 1), ...unpacked(3, [[1], [2]], 0)];
    const record = Uint8Array.from(entryOf(1, 'x', field(3, tensor)));
    const parser = createRecordProtobufParser({ features: { x: { dtype: 'float64' } } });
    expect(parser.parseSingle(record).features.x).toEqual(ndarray('float64', [1, 2], Float64Array.of(1, 2)));
  });

  it('takes the last entry of a name, and separates features from labels', () => {
    const value = (...values: number[]) => field(2, field(1, bytesOf(Float32Array.from(values))));
    const record = Uint8Array.from([
      ...entryOf(1, 'values', value(1)),
      ...entryOf(1, 'values', value(2, 3)),
      ...entryOf(2, 'values', value(4)),
    ]);
    const parser = createRecordProtobufParser({ ...dense, label: { values: { dtype: 'float32' } } });
    expect(parser.parseSingle(record)).toEqual({ features: { values: floats(2, 3) }, label: { values: floats(4) } });
  });

  it('reads an entry by the rules of protobuf: no key is the name "", and of two keys or values the last counts', () => {
    const value = (...values: number[]) => field(2, field(2, field(1, bytesOf(Float32Array.from(values)))));
    const key = (name: string) => field(1, Buffer.from(name));
    const parser = createRecordProtobufParser({ features: { '': { dtype: 'float32' }, values: { dtype: 'float32' } } });
    const parse = (...entries: number[][]) =>
      parser.parseSingle(Uint8Array.from(entries.flatMap((entry) => field(1, entry)))).features;
    const nameless = value(7);
    expect(parse(nameless, [...value(1), ...key('values')])).toEqual({ '': floats(7), values: floats(1) });
    expect(parse(nameless, [...key('other'), ...value(1), ...key('values'), ...value(2)]).values).toEqual(floats(2));
    const emptied = [...key('values'), ...value(1), ...field(2, [])];
    expect(thrownBy(FormatError, () => parse(nameless, emptied)).message).toContain(
      'features "values": the record lacks this tensor',
    );
  });

  it('skips the values of names that are not asked for, whatever they hold', () => {
    const record = Uint8Array.from([
      ...entryOf(1, 'other', [0xff]),
      ...entryOf(1, 'values', field(2, field(1, bytesOf(Float32Array.of(1))))),
    ]);
    expect(createRecordProtobufParser(dense).parseSingle(record).features.values).toEqual(floats(1));
  });

  const encode = (values: RecordValues['features'][string]) => encodeRecordProtobuf({ features: { values } });
  const raw = (tensor: readonly number[]) => Uint8Array.from(entryOf(1, 'values', field(2, tensor)));
  const four = field(1, bytesOf(Float32Array.of(1, 2, 3, 4)));

  it.each<[string, RecordTensors, Uint8Array, string]>([
    ['a record without it', dense, new Uint8Array(0), 'the record contains no tensors'],
    ['another dtype', dense, encode(ndarray('int32', [1], Int32Array.of(1))), "declare dtype 'int32'"],
    ['sparse for dense', dense, encode(sparseArray([[0]], [4])), "declare kind 'sparse'"],
    [
      'dense for sparse',
      sparse,
      encode(floats(1)),
      "found a tensor without a shape: if the tensor is dense, declare kind 'dense'",
    ],
    [
      'a sparse row of zeros for dense',
      dense,
      raw(field(3, [3])),
      "found 0: the tensor may be sparse, with no values except zeros; if so, declare kind 'sparse'",
    ],
    ['a wrong shape', dense, raw([...four, ...field(3, [2, 3])]), 'expected 6 values (shape [2, 3]), found 4'],
    ['keys and values', sparse, raw([...four, ...field(2, [1]), ...field(3, [9])]), 'found 1 keys and 4 values'],
    ['a key outside', sparse, raw([...four, ...field(2, [0, 1, 2, 9]), ...field(3, [9])]), 'key 9 is outside'],
    ['a rank', sparse, raw([...four, ...field(2, [0, 0, 0, 0]), ...field(3, Array<number>(33).fill(1))]), 'at most 32'],
    ['a key that a number cannot hold', sparse, raw([...field(2, varint(2n ** 53n)), ...field(3, [9])]), '2^53 - 1'],
    ['a length that a number cannot hold', dense, raw([...four, ...field(3, varint(2n ** 64n - 1n))]), '2^53 - 1'],
    ['a part of a float', dense, raw(field(1, [1, 2, 3])), 'expected float32 values of 4 bytes each, found 3 bytes'],
  ])('refuses %s', (_name, tensors, record, message) => {
    const error = thrownBy(FormatError, () => createRecordProtobufParser(tensors).parseSingle(record, 4));
    expect(error).toMatchObject({ kind: 'malformed', format: 'Record protobuf', recordIndex: 4 });
    expect(error.message).toContain('features "values": ');
    expect(error.message).toContain(message);
  });

  it('lists the tensors of a record that lacks the one asked for', () => {
    const record = encodeRecordProtobuf({
      features: { vector: floats(1), image: floats(2) },
      label: { values: floats(1) },
    });
    const error = thrownBy(FormatError, () => createRecordProtobufParser(dense).parseSingle(record));
    expect(error.message).toContain(
      'features "values": the record lacks this tensor, and contains features "vector", "image" and label "values"',
    );
  });

  it('asks whether bytes that are no message are a Record at all', () => {
    const jpeg = Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0, 16, 74, 70);
    const { message } = thrownBy(FormatError, () => createRecordProtobufParser(dense).parseSingle(jpeg));
    expect(message).toMatch(
      /the record may not be a Record of SageMaker's RecordIO-protobuf; the bytes look like a JPEG image/,
    );
  });

  it('refuses a float64 that is in two runs', () => {
    const tensor = [...field(1, [1, 2, 3, 4]), ...field(1, [5, 6, 7, 8])];
    const record = Uint8Array.from(entryOf(1, 'values', field(3, tensor)));
    const parser = createRecordProtobufParser({ features: { values: { dtype: 'float64' } } });
    expect(thrownBy(FormatError, () => parser.parseSingle(record)).message).toContain('found 4 bytes');
  });

  it('refuses a batch of different shapes, and names the record', () => {
    const parse = () => createRecordProtobufParser(dense).parseBatch([encode(floats(1, 2)), encode(floats(1))], 10);
    expect(thrownBy(FormatError, parse)).toMatchObject({
      recordIndex: 11,
      message: expect.stringContaining(
        'expected shape [2] (from an earlier record of the batch), found [1]: declare the correct shape',
      ) as string,
    });
  });

  it('checks the shape of each record, and gives it to a vector of as many elements', () => {
    const matrix = { features: { values: { dtype: 'float32', shape: [2, 1] } } } as const;
    const parser = createRecordProtobufParser(matrix);
    expect(parser.parseBatch([encode(floats(1, 2)), encode(floats(3, 4))]).features.values).toEqual(
      ndarray('float32', [2, 2, 1], Float32Array.of(1, 2, 3, 4)),
    );
    const parse = () => parser.parseBatch([encode(floats(1)), encode(floats(3, 4))], 10);
    expect(thrownBy(FormatError, parse)).toMatchObject({
      recordIndex: 10,
      message: expect.stringContaining('expected shape [2, 1], found [1]') as string,
    });
  });

  it('detects cuts, and throws only FormatErrors for any bytes', () => {
    const parser = createRecordProtobufParser(request);
    const last = Math.max(...[...everything.keys()].filter((at) => everything[at] === 0x1a));
    for (let length = 1; length < last - 1; length++) {
      expect(() => parser.parseSingle(everything.slice(0, length))).toThrow(FormatError);
    }
    fc.assert(
      fc.property(fc.nat(everything.length - 1), fc.integer({ min: 0, max: 255 }), (at, value) => {
        const changed = everything.slice();
        changed[at] = value;
        try {
          parser.parseSingle(changed);
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
        }
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    [{ features: { x: { dtype: 'int64' } } }, 'features.x.dtype'],
    [{ features: { x: { dtype: 'bytes', kind: 'sparse' } } }, 'features.x.kind'],
    [{ features: {}, labels: {} }, ''],
    [{ features: {} }, 'features'],
    [{ label: {} }, 'features'],
  ])('refuses %j', (tensors, path) => {
    const create = () => createRecordProtobufParser(tensors as unknown as RecordTensors);
    expect(thrownBy(ConfigError, create).path).toBe(path);
  });
});

describe('encodeRecordProtobuf', () => {
  it('writes a vector and a label as SageMaker’s writer does, without shapes', () => {
    const record = encodeRecordProtobuf({ features: { values: floats(1, 2) }, label: { values: floats(3) } });
    expect(record).toEqual(
      Uint8Array.from([
        ...entryOf(1, 'values', field(2, field(1, bytesOf(Float32Array.of(1, 2))))),
        ...entryOf(2, 'values', field(2, field(1, bytesOf(Float32Array.of(3))))),
      ]),
    );
  });

  it('is read again by the parser, to the last bit', () => {
    const int32s = fc.array(fc.integer());
    const doubles = fc.array(fc.double());
    const blobs = fc.array(fc.uint8Array());
    const places = fc.uniqueArray(fc.tuple(fc.nat(2), fc.nat(4)), { selector: String });
    fc.assert(
      fc.property(int32s, doubles, blobs, places, (i, d, b, keys) => {
        const features = {
          i: ndarray('int32', [i.length], Int32Array.from(i)),
          d: ndarray('float64', [1, d.length], Float64Array.from(d)),
          b: ndarray('bytes', [b.length], b),
          s: sparseArray(keys, [3, 5]),
        };
        const parser = createRecordProtobufParser({
          features: {
            i: { dtype: 'int32' },
            d: { dtype: 'float64' },
            b: { dtype: 'bytes' },
            s: { kind: 'sparse', dtype: 'float32' },
          },
        });
        expect(parser.parseSingle(encodeRecordProtobuf({ features }))).toEqual({ features, label: {} });
      }),
    );
  });

  it.each([
    ['another dtype', ndarray('int64', [1], BigInt64Array.of(1n)), 'convert the values first'],
    ['a wrong number of elements', { dtype: 'float32', shape: [2], data: Float32Array.of(1) }, 'expected 2 elements'],
    ['bytes of rank 2', ndarray('bytes', [1, 1], [new Uint8Array(1)]), 'rank 1'],
    ['an index outside', sparseArray([[0, 5]], [3, 5]), '[0, 5] is outside'],
    ['indices of another rank', { ...sparseArray([[0]], [3]), denseShape: [3, 5] }, 'expected indices of shape [1, 2]'],
    ['no tensor', [1, 2], 'expected an NDArray or a SparseArray'],
  ])('refuses %s', (_name, values, message) => {
    const encode = () => encodeRecordProtobuf({ features: { values } as unknown as RecordValues['features'] });
    const error = thrownBy(ConfigError, encode);
    expect(error.path).toBe('features.values');
    expect(error.message).toContain(message);
  });
});
