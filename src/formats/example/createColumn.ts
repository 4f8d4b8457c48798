import { sizeOfShape, type DataOf, type DType } from '../../arrays/ndarray.js';
import type { Feature, FeatureDType, FixedLenFeature, FixedLenSequenceFeature, RaggedFeature } from './features.js';
import type { NarrowDType } from '../protobuf/narrowValues.js';
import { bytesType } from '../protobuf/bytesValues.js';
import type { Column } from './column.js';
import { defaultData } from './defaultData.js';
import { featureDefault } from './featureDefault.js';
import { FixedLenColumn } from './fixedLenColumn.js';
import { FixedLenSequenceColumn } from './fixedLenSequenceColumn.js';
import { float32Type } from '../protobuf/floatValues.js';
import { int64Type } from '../protobuf/int64Values.js';
import { narrowType } from '../protobuf/narrowValues.js';
import { RaggedColumn, type RaggedPartition } from './raggedColumn.js';
import { RawColumn } from './rawColumn.js';
import { SparseColumn } from './sparseColumn.js';
import { TensorProtoColumn } from './tensorProtoColumn.js';
import type { PartitionKind } from './partitionLimits.js';
import type { ValueSource, ValueType } from '../protobuf/values.js';
import { VarLenColumn } from './varLenColumn.js';

/**
 * @param keyOf - returns the number of a feature name.
 * @throws ConfigError if the feature's default does not fit its dtype and shape.
 */
export function createColumn(name: string, feature: Feature, keyOf: (key: string) => number): Column {
  if (feature.kind === 'raw') {
    return new RawColumn({ name, key: keyOf(name), type: bytesType }, feature);
  }
  if (feature.kind === 'tensor') return new TensorProtoColumn({ name, key: keyOf(name), type: bytesType }, feature);
  const type = valueTypeOf(feature.dtype, feature.as);
  const isRequired = feature.kind !== 'fixedLen' && feature.allowMissing === false;
  if (feature.kind === 'sparse') {
    const { indexKey, valueKey, size } = feature;
    const indices = [indexKey].flat().map((each) => ({ name: each, key: keyOf(each), type: int64Type, isRequired }));
    const values = { name: valueKey, key: keyOf(valueKey), type, isRequired };
    return new SparseColumn({ name, indices, values, sizes: [size].flat() });
  }
  const isElsewhere = feature.kind === 'ragged' && feature.valueKey !== undefined;
  const source = { name, key: isElsewhere ? -1 : keyOf(name), type, isRequired };
  switch (feature.kind) {
    case 'varLen':
      return new VarLenColumn(source);
    case 'ragged':
      return raggedColumn(name, feature, { source, keyOf });
    case 'fixedLenSequence':
      return new FixedLenSequenceColumn(source, feature.shape, defaultOf(name, feature));
    case 'fixedLen':
      return new FixedLenColumn(source, feature.shape, defaultOf(name, feature));
  }
}

function raggedColumn(
  name: string,
  { valueKey = name, partitions = [] }: RaggedFeature,
  { source, keyOf }: { readonly source: ValueSource; readonly keyOf: (key: string) => number },
): RaggedColumn {
  const sources = partitions.map((partition): RaggedPartition => {
    if ('uniformRowLength' in partition) return { rowLength: partition.uniformRowLength };
    const [[kind, key]] = Object.entries(partition) as [[PartitionKind, string]];
    return { kind, source: { name: key, key: keyOf(key), type: int64Type } };
  });
  return new RaggedColumn(name, { ...source, name: valueKey, key: keyOf(valueKey) }, sources);
}

function valueTypeOf(dtype: FeatureDType, as: NarrowDType | undefined): ValueType {
  if (as !== undefined) return narrowType(as);
  if (dtype === 'int64') return int64Type;
  return dtype === 'float32' ? float32Type : bytesType;
}

/** Returns the default as data of the feature's shape. `undefined` for a `fixedLen` feature without a default. */
export function defaultOf(name: string, feature: FixedLenSequenceFeature): DataOf[DType];
export function defaultOf(name: string, feature: FixedLenFeature | FixedLenSequenceFeature): DataOf[DType] | undefined;
export function defaultOf(name: string, feature: FixedLenFeature | FixedLenSequenceFeature): DataOf[DType] | undefined {
  const { kind, dtype, as, shape } = feature;
  const padding = dtype === 'bytes' ? new Uint8Array(0) : 0;
  const value = featureDefault(name, feature) ?? (kind === 'fixedLen' ? undefined : padding);
  if (value === undefined) return undefined;
  const size = sizeOfShape(shape);
  return defaultData(value, { dtype: as ?? dtype, integer: dtype === 'int64', size, path: `${name}.default` });
}
