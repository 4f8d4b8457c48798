import { sizeOfShape } from '../../arrays/ndarray.js';
import type { Feature, FeatureDType, FixedLenFeature, FixedLenSequenceFeature } from './features.js';
import type { NarrowDType } from '../protobuf/narrowValues.js';
import { bytesType } from '../protobuf/bytesValues.js';
import type { Column } from './column.js';
import { defaultData, type DefaultRequest } from './defaultData.js';
import { featureDefault } from './featureDefault.js';
import { FixedLenColumn } from './fixedLenColumn.js';
import { FixedLenSequenceColumn } from './fixedLenSequenceColumn.js';
import { float32Type } from '../protobuf/float32Values.js';
import { int64Type } from '../protobuf/int64Values.js';
import { narrowType } from '../protobuf/narrowValues.js';
import { RaggedColumn } from './raggedColumn.js';
import { RawColumn } from './rawColumn.js';
import { SparseColumn } from './sparseColumn.js';
import type { ValueType } from '../protobuf/values.js';
import { VarLenColumn } from './varLenColumn.js';

/**
 * @param keyOf - returns the number of a key, and registers the key if it is new.
 * @throws ConfigError if the default of the feature does not fit its dtype and shape.
 */
export function createColumn(name: string, feature: Feature, keyOf: (key: string) => number): Column {
  if (feature.kind === 'raw') {
    return new RawColumn({ name, key: keyOf(name), type: bytesType }, feature.dtype, feature.shape);
  }
  const type = valueTypeOf(feature.dtype, feature.as);
  const isRequired = feature.kind !== 'fixedLen' && feature.allowMissing === false;
  if (feature.kind === 'sparse') {
    const { indexKey, valueKey, size } = feature;
    const indices = { name: indexKey, key: keyOf(indexKey), type: int64Type, isRequired };
    const values = { name: valueKey, key: keyOf(valueKey), type, isRequired };
    return new SparseColumn({ name, indices, values, size });
  }
  const source = { name, key: keyOf(name), type, isRequired };
  switch (feature.kind) {
    case 'varLen':
      return new VarLenColumn(source);
    case 'ragged':
      return new RaggedColumn(source);
    case 'fixedLenSequence': {
      const padding = featureDefault(name, feature) ?? (feature.dtype === 'bytes' ? new Uint8Array(0) : 0);
      return new FixedLenSequenceColumn(source, feature.shape, defaultData(padding, defaultRequest(name, feature)));
    }
    case 'fixedLen': {
      const value = featureDefault(name, feature);
      const data = value === undefined ? undefined : defaultData(value, defaultRequest(name, feature));
      return new FixedLenColumn(source, feature.shape, data);
    }
  }
}

function valueTypeOf(dtype: FeatureDType, as: NarrowDType | undefined): ValueType {
  if (as !== undefined) return narrowType(as);
  if (dtype === 'int64') return int64Type;
  return dtype === 'float32' ? float32Type : bytesType;
}

function defaultRequest(name: string, feature: FixedLenFeature | FixedLenSequenceFeature): DefaultRequest {
  const { dtype, as, shape } = feature;
  return { dtype: as ?? dtype, integer: dtype === 'int64', size: sizeOfShape(shape), path: `${name}.default` };
}
