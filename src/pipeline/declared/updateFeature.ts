import { map, type OperatorFunction } from 'rxjs';
import { ValueError } from '../../base/errors.js';
import { quote } from '../../base/showValue.js';
import { isNDArray, type DType, type NDArray } from '../../arrays/ndarray.js';

type Structure = Readonly<Record<string, unknown>>;

/**
 * Updates one feature of each item. The Observable fails with a ValueError if an item does not have the feature as an
 * NDArray.
 */
export function updateFeature<D extends DType>(
  stage: string,
  feature: string,
  update: (array: NDArray<D>) => NDArray,
): OperatorFunction<Structure, Structure> {
  return map((item) => {
    const array = Object.hasOwn(item, feature) ? item[feature] : undefined;
    if (isNDArray(array)) return { ...item, [feature]: update(array as NDArray<D>) };
    const names = Object.keys(item).join(', ');
    throw new ValueError(`${stage}: there is no array ${quote(feature)} among ${names}.`, { path: feature });
  });
}
