import assert from 'node:assert/strict';
import { encodeRecordProtobuf } from '../../../src/formats/recordProtobuf/encodeRecordProtobuf.js';
import { ndarray, sizeOfShape, type SparseArray } from '../../../src/arrays/ndarray.js';
import {
  createRecordProtobufParser,
  type RecordProtobufParser,
  type RecordTensor,
  type RecordTensors,
} from '../../../src/formats/recordProtobuf/recordProtobufParser.js';
import { arrayText, sparseText } from '../../formats/reference/columnText.js';
import { narrowed } from '../../formats/reference/parseColumns.js';
import { inPieces, keyOf, readEntries, readList, varints } from '../../formats/reference/readExample.js';
import { delimited, messagesIn, NoMessage, wireFields } from '../../formats/reference/wireFields.js';
import { field, varint } from '../../formats/support/wire.js';
import { poisonedChunks, type Draw } from '../../support/poisonedChunks.js';
import type { FuzzTarget } from '../fuzzTarget.js';
import { bytesIn, parsedText, referenceText, type Parsed } from './exampleTarget.js';

const FIELDS = { float32: 2, float64: 3, int32: 7, bytes: 9 } as const;
const TENSOR_FIELDS: readonly number[] = Object.values(FIELDS);
const NAMES = ['values', '', '__proto__'] as const;

interface AskedTensor {
  /** The field of the map: 1 is `features`, 2 is `label`. */
  readonly map: number;
  readonly name: string;
  readonly tensor: RecordTensor;
}

interface Asked extends AskedTensor {
  readonly parser: RecordProtobufParser<RecordTensors>;
}

const TENSORS: readonly RecordTensor[] = (['dense', 'sparse'] as const).flatMap((kind) =>
  (['float32', 'float64', 'int32'] as const).map((dtype) => ({ kind, dtype })),
);
const ASKED: readonly Asked[] = [...TENSORS, { dtype: 'bytes' } as const].flatMap((tensor) =>
  NAMES.slice(0, 2).flatMap((name) => [
    { map: 1, name, tensor, parser: createRecordProtobufParser({ features: { [name]: tensor } }) },
    { map: 2, name, tensor, parser: createRecordProtobufParser({ features: {}, label: { [name]: tensor } }) },
  ]),
);

/** Returns the last tensor in the last entry of this name. Other entries may contain anything. */
function readTensor(
  record: Uint8Array,
  mapField: number,
  name: string,
): { field: number; tensor: Uint8Array } | undefined {
  const tensors = readEntries(record, mapField).flatMap(({ key, value = new Uint8Array(0) }) => {
    return key === keyOf(name) ? [lastTensor(value)] : [];
  });
  return tensors.at(-1);
}

function lastTensor(value: Uint8Array): { field: number; tensor: Uint8Array } | undefined {
  const tensors = wireFields(value).flatMap((found) => {
    const tensor = delimited(found);
    return tensor && TENSOR_FIELDS.includes(found.number) ? [{ field: found.number, tensor }] : [];
  });
  return tensors.at(-1);
}

function valuesOf(tensor: Uint8Array, dtype: keyof typeof FIELDS): Uint8Array[] {
  if (dtype === 'bytes') return messagesIn(tensor, 1);
  if (dtype === 'float32') return readList(2, tensor);
  if (dtype === 'int32') {
    return readList(3, tensor).map((bytes) => narrowed(new DataView(bytes.buffer).getBigInt64(0, true), 'int32'));
  }
  return wireFields(tensor).flatMap((found) => {
    if (found.number !== 1) return [];
    const packed = delimited(found);
    if (packed) return inPieces(packed, 8);
    return found.wireType === 1 ? [found.value as Uint8Array] : [];
  });
}

/** Reads a repeated uint64. Each number must be a safe integer. */
function uint64s(tensor: Uint8Array, number: number): bigint[] {
  const numbers = wireFields(tensor).flatMap((found) => {
    if (found.number !== number) return [];
    if (typeof found.value === 'bigint') return [found.value];
    const packed = delimited(found);
    return packed ? varints(packed) : [];
  });
  if (numbers.some((value) => value > BigInt(Number.MAX_SAFE_INTEGER))) throw new NoMessage('too large a number');
  return numbers;
}

function tensorText(records: readonly Uint8Array[], { map, name, tensor }: AskedTensor, single: boolean): string {
  const { kind = 'dense', dtype } = tensor;
  const rows = records.map((record) => {
    const place = readTensor(record, map, name);
    if (place?.field !== FIELDS[dtype]) throw new NoMessage('missing, or of another dtype');
    const values = valuesOf(place.tensor, dtype);
    const [keys, shape] =
      dtype === 'bytes' ? [[], []] : [uint64s(place.tensor, 2), uint64s(place.tensor, 3).map(Number)];
    if (kind === 'dense' && keys.length > 0) throw new NoMessage('sparse');
    if (kind === 'sparse' && (shape.length === 0 || shape.length > 32 || keys.length !== values.length)) {
      throw new NoMessage('not sparse');
    }
    return { values, keys, shape: shape.length === 0 ? [values.length] : shape };
  });
  const [shape] = rows.map((row) => row.shape);
  for (const row of rows) {
    const size = sizeOfShape(row.shape);
    if (kind === 'dense' && row.values.length !== size) throw new NoMessage('a wrong number of values');
    if (row.keys.some((key) => Number(key) >= size)) throw new NoMessage('a key outside');
    if (row.shape.join() !== shape!.join()) throw new NoMessage('shapes differ');
  }
  const denseShape = single ? shape! : [rows.length, ...shape!];
  const elements = rows.flatMap(({ values }) => values);
  if (kind === 'dense') return arrayText(dtype, denseShape, elements);
  const indices = rows.flatMap(({ keys }, row) =>
    keys.map((key) => (single ? [] : [BigInt(row)]).concat(placeOf(key, shape!))),
  );
  return sparseText(indices, denseShape.length, arrayText(dtype, [elements.length], elements), denseShape);
}

/** Returns the index of a key in each dimension. The last dimension varies fastest. */
function placeOf(key: bigint, shape: readonly number[]): bigint[] {
  const strides = shape.map((_, axis) =>
    shape.slice(axis + 1).reduce((product, length) => product * BigInt(length), 1n),
  );
  return strides.map((stride, axis) => (key / stride) % BigInt(shape[axis]!));
}

function drawRecord(draw: Draw): Uint8Array {
  const some = <T>(below: number, make: () => T): T[] => Array.from({ length: draw(below) }, make);
  const numbers = (below: number) => field(2 + draw(2), some(4, () => varint(BigInt(draw(below)))).flat());
  const tensor = () => {
    const dtype = (['float32', 'float64', 'int32', 'bytes'] as const)[draw(4)]!;
    const bytes = dtype === 'float32' ? 4 * draw(4) : dtype === 'float64' ? 8 * draw(4) : draw(4);
    const content = some(3, () =>
      draw(2) === 0
        ? numbers(6)
        : field(
            1,
            some(bytes + 1, () => draw(100)),
          ),
    );
    return field(FIELDS[dtype], content.flat());
  };
  // An entry without a key has the name ''. The last of several keys and values is used.
  const key = () => field(1, Buffer.from(NAMES[draw(4) === 0 ? 1 + draw(2) : 0]!));
  const value = () => field(2, draw(8) === 0 ? [] : tensor());
  const repeated = (make: () => number[]) => some(draw(6) === 0 ? 3 : 1, make).flat();
  const entry = () => (draw(8) === 0 ? [...repeated(value), ...repeated(key)] : [...key(), ...value()]);
  return Uint8Array.from(some(4, () => field(1 + draw(2), entry())).flat());
}

const SPARSE: SparseArray<'int32'> = {
  indices: ndarray('int64', [2, 2], BigInt64Array.of(0n, 1n, 1n, 2n)),
  values: ndarray('int32', [2], Int32Array.of(1, -2)),
  denseShape: [2, 3],
};
const SEEDS = [
  encodeRecordProtobuf({
    features: { values: ndarray('float32', [3], Float32Array.of(1, 2, 3)) },
    label: { values: ndarray('float32', [1], Float32Array.of(4)) },
  }),
  encodeRecordProtobuf({
    features: { values: SPARSE },
    label: { values: ndarray('float64', [2, 1], Float64Array.of(1, 2)) },
  }),
  encodeRecordProtobuf({ features: { values: ndarray('bytes', [2], [Uint8Array.of(1, 2), new Uint8Array(0)]) } }),
];

/** SageMaker's Records against a reference. */
export const recordProtobufTarget: FuzzTarget = {
  name: 'RecordProtobuf',
  weight: 3,
  seeds: SEEDS,
  generate: drawRecord,
  run: (input, draw) => {
    const asked = ASKED[draw(ASKED.length)]!;
    const { map, name, tensor, parser } = asked;
    const poisoned = poisonedChunks(input, [], draw);
    const [record] = poisoned.chunks as [Uint8Array];
    const single = draw(2) === 0;
    const records = single ? [record] : [record, SEEDS[draw(SEEDS.length)]!];
    let bytes: Uint8Array[] = [];
    const expected = referenceText(() => {
      // Both maps of every record are read, even if only one is requested.
      for (const each of records) for (const number of [1, 2]) readEntries(each, number);
      return [[name, tensorText(records, asked, single)]];
    });
    const found = parsedText(records, () => {
      const parsed = single ? parser.parseSingle(record) : parser.parseBatch(records);
      const values = parsed[map === 1 ? 'features' : 'label'] as unknown as Record<string, Parsed>;
      bytes = bytesIn(values);
      return values;
    });
    assert.equal(found, expected, JSON.stringify({ map, name, tensor }));
    bytes.forEach(poisoned.assertInside);
    poisoned.assertUntouched();
  },
};
