import { sizeOfShape, TYPED_ARRAY_OF, type DType } from '../../../src/arrays/ndarray.js';
import { BYTES_LIST, FLOAT_LIST, INT64_LIST } from '../../../src/formats/protobuf/values.js';
import type { Feature, FeatureDType } from '../../../src/formats/example/features.js';
import type { NarrowDType } from '../../../src/formats/protobuf/narrowValues.js';
import { STORED_ARRAY_OF, storedDType } from '../../../src/formats/storedNumbers.js';
import { arrayText, sparseText } from './columnText.js';
import { keyOf, type FeatureList } from './readExample.js';
import { grouped, raggedText, type Item } from './raggedText.js';
import { reversedItems, widened } from './widened.js';
import { NoMessage } from './wireFields.js';

/** The features of one record, or the lists of one step. */
export type Row = ReadonlyMap<string, FeatureList>;

const KIND_OF = { bytes: BYTES_LIST, float32: FLOAT_LIST, int64: INT64_LIST } as const;

interface Asked {
  readonly name: string;
  readonly dtype: FeatureDType;
  readonly as?: NarrowDType | undefined;
}

/** The keys of the features in records. */
export function keysOf(features: Readonly<Record<string, Feature>>): string[] {
  return Object.entries(features).flatMap(([name, feature]) => {
    if (feature.kind === 'sparse') return [feature.indexKey, feature.valueKey].flat().map(keyOf);
    if (feature.kind !== 'ragged') return [keyOf(name)];
    const keys = (feature.partitions ?? []).flatMap((partition) => Object.values(partition) as (string | number)[]);
    return [feature.valueKey ?? name, ...keys.filter((key) => typeof key === 'string')].map(keyOf);
  });
}

/** Returns a parsed feature as text, made from the lists in the records. */
export function parseColumn(name: string, feature: Feature, rows: readonly Row[], single: boolean): string {
  const batched = (shape: readonly number[]) => (single ? shape : [rows.length, ...shape]);
  if (feature.kind === 'raw') return rawText(name, feature, rows, batched);
  if (feature.kind === 'tensor') throw new Error('see tensorTarget');
  const dtype: DType = feature.as ?? feature.dtype;
  if (feature.kind === 'sparse') {
    const values = rows.map((row) => valuesOf(row, { ...feature, name: feature.valueKey }) ?? []);
    const places = [feature.indexKey].flat().map((name) => {
      return rows.map((row) => valuesOf(row, { name, dtype: 'int64' }) ?? []);
    });
    return sparseFeatureText(values, places, { dtype, single, sizes: [feature.size].flat() });
  }
  if (feature.kind === 'ragged') return partitionedText(name, feature, rows, single);
  const lists = rows.map((row) => valuesOf(row, { ...feature, name }));
  const present = lists.map((list) => list ?? []);
  const longest = Math.max(0, ...present.map(({ length }) => length));
  switch (feature.kind) {
    case 'fixedLen': {
      const size = sizeOfShape(feature.shape);
      const value = feature.defaultBase64 ?? feature.default;
      const defaults = value === undefined ? undefined : defaultOf(value, dtype, size);
      const elements = lists.map((list) => list ?? defaults ?? fail('it is missing'));
      if (elements.some(({ length }) => length !== size)) fail('a wrong number of values');
      return arrayText(dtype, batched(feature.shape), elements.flat());
    }
    case 'fixedLenSequence': {
      const size = sizeOfShape(feature.shape);
      if (present.some(({ length }) => length % size !== 0)) fail('no multiple of the shape');
      const [padding] = defaultOf(feature.defaultBase64 ?? feature.default ?? (dtype === 'bytes' ? '' : 0), dtype, 1);
      const padded = present.flatMap((list) => [
        ...list,
        ...Array.from({ length: longest - list.length }, () => padding!),
      ]);
      return arrayText(dtype, batched([longest / size, ...feature.shape]), padded);
    }
    case 'varLen': {
      const indices = present.flatMap((list, row) =>
        list.map((_, column) => (single ? [BigInt(column)] : [BigInt(row), BigInt(column)])),
      );
      const values = arrayText(dtype, [indices.length], present.flat());
      return sparseText(indices, single ? 1 : 2, values, batched([longest]));
    }
  }
}

function partitionedText(
  name: string,
  feature: Extract<Feature, { kind: 'ragged' }>,
  rows: readonly Row[],
  single: boolean,
): string {
  const { dtype, as, valueKey = name, partitions = [] } = feature;
  const records = rows.map((row) => {
    const values: readonly Item[] = valuesOf(row, { dtype, as, name: valueKey }) ?? [];
    return partitions.reduceRight((items, partition) => {
      if ('uniformRowLength' in partition) return grouped(items, partition);
      const [[kind, key]] = Object.entries(partition) as [[string, string]];
      return grouped(items, { kind, numbers: (valuesOf(row, { name: key, dtype: 'int64' }) ?? []).map(toInt64) });
    }, values);
  });
  const isUniform = partitions.map((partition) => 'uniformRowLength' in partition);
  const depth = isUniform.lastIndexOf(false) + 1;
  const dims = partitions.slice(depth).flatMap((each) => ('uniformRowLength' in each ? [each.uniformRowLength] : []));
  const items = single ? records[0]! : records;
  return raggedText(items, as ?? dtype, { depth: single ? depth : depth + 1, dims });
}

function sparseFeatureText(
  values: readonly (readonly Uint8Array[])[],
  places: readonly (readonly (readonly Uint8Array[])[])[],
  { dtype, single, sizes }: { readonly dtype: DType; readonly single: boolean; readonly sizes: readonly number[] },
): string {
  const sorted = values.map((list, row) => {
    if (places.some((axis) => axis[row]!.length !== list.length)) fail('as many indices as values');
    const pairs = list.map((value, at) => ({ value, place: places.map((axis) => toInt64(axis[row]![at]!)) }));
    return pairs.sort((a, b) => {
      const axis = a.place.findIndex((position, each) => position !== b.place[each]);
      return axis < 0 ? 0 : a.place[axis]! < b.place[axis]! ? -1 : 1;
    });
  });
  const indices = sorted.flatMap((pairs, row) => pairs.map(({ place }) => (single ? place : [BigInt(row), ...place])));
  const elements = sorted.flat().map(({ value }) => value);
  const denseShape = single ? sizes : [values.length, ...sizes];
  return sparseText(indices, denseShape.length, arrayText(dtype, [elements.length], elements), denseShape);
}

function rawText(
  name: string,
  { dtype, shape, littleEndian = true, default: standIn }: Extract<Feature, { kind: 'raw' }>,
  rows: readonly Row[],
  batched: (shape: readonly number[]) => readonly number[],
): string {
  const { BYTES_PER_ELEMENT: itemBytes } = STORED_ARRAY_OF[dtype];
  const elements = rows.map((row) => {
    const values = valuesOf(row, { name, dtype: 'bytes' });
    if (!values && standIn !== undefined) {
      const numbers = new Array(sizeOfShape(shape)).fill(standIn).flat() as number[];
      return new Uint8Array(TYPED_ARRAY_OF[storedDType(dtype) as 'int8'].from(numbers).buffer);
    }
    const [value, ...more] = values ?? [];
    if (value?.length !== sizeOfShape(shape) * itemBytes) return fail('not the bytes of the array');
    if (more.length > 0) return fail('several values');
    return widened(dtype, littleEndian ? value : reversedItems(value, itemBytes));
  });
  return arrayText(storedDType(dtype), batched(shape), elements);
}

/** The values of a row's list, narrowed if requested. `undefined` without a list. */
function valuesOf(row: Row, { name, dtype, as }: Asked): readonly Uint8Array[] | undefined {
  const list = row.get(keyOf(name));
  if (!list) return undefined;
  if (list.kind !== KIND_OF[dtype]) fail('values of another kind');
  return as === undefined ? list.values : list.values.map((value) => narrowed(toInt64(value), as));
}

function toInt64(bytes: Uint8Array): bigint {
  return new DataView(bytes.buffer, bytes.byteOffset).getBigInt64(0, true);
}

/** Returns an integer as the bytes of the smaller dtype. */
export function narrowed(value: bigint, as: NarrowDType): Uint8Array {
  const limit = as === 'int32' ? 2n ** 31n : 2n ** 24n;
  if (value < -limit || value > (as === 'int32' ? limit - 1n : limit)) fail('out of range');
  return new Uint8Array(TYPED_ARRAY_OF[as].of(Number(value)).buffer);
}

function defaultOf(value: unknown, dtype: DType, size: number): Uint8Array[] {
  const values: unknown[] = Array.isArray(value) ? value : new Array<unknown>(size).fill(value);
  return values.map((each) => {
    if (dtype === 'bytes') return new Uint8Array(Buffer.from(each as string, 'base64'));
    if (dtype === 'int64') return new Uint8Array(BigInt64Array.of(BigInt(each as number)).buffer);
    return new Uint8Array((dtype === 'int32' ? Int32Array : Float32Array).of(each as number).buffer);
  });
}

function fail(message: string): never {
  throw new NoMessage(message);
}
