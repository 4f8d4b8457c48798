import type { GroupKey } from '../../../operators/shared/groups.js';
import { isNDArray } from '../../arrays/ndarray.js';
import { requireFeature, type Structure } from '../../arrays/requireFeature.js';
import { ValueError } from '../../base/errors.js';
import { showValue } from '../../base/showValue.js';

/** Returns a function that returns the value of a feature with one element. Bytes become a string. */
export function keyOfFeature(stage: string, feature: string): (item: Structure) => GroupKey {
  return (item) => {
    const value = requireFeature(stage, item, feature);
    const key = isNDArray(value) && value.data.length === 1 ? value.data[0] : value;
    // One character for each byte, so that different bytes are different keys.
    if (ArrayBuffer.isView(key)) return Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString('latin1');
    if (typeof key === 'number' || typeof key === 'bigint' || typeof key === 'string') return key;
    const found = isNDArray(key) ? `an NDArray of shape [${key.shape.join(', ')}]` : showValue(key);
    throw new ValueError(`${stage}: ${feature}: expected a number or text, found ${found}.`, { path: feature });
  };
}
