import { map, type OperatorFunction } from 'rxjs';
import { ValueError } from '../../base/errors.js';
import { quote, showValue } from '../../base/showValue.js';
import { isNDArray, type DType, type NDArray } from '../../arrays/ndarray.js';
import { requireFeature, type Structure } from '../../arrays/requireFeature.js';

/** Updates one feature of each item. Fails with a ValueError if the feature is missing or not an NDArray. */
export function updateFeature<D extends DType>(
  stage: string,
  feature: string,
  update: (array: NDArray<D>) => NDArray,
): OperatorFunction<Structure, Structure> {
  return replaceFeature(stage, feature, (array: unknown) => {
    if (isNDArray(array)) return update(array as NDArray<D>);
    throw new ValueError(`${stage}: expected an NDArray as ${quote(feature)}, found ${showValue(array)}.`, {
      path: feature,
    });
  });
}

/** Replaces one feature of each item. Fails with a ValueError if the feature is missing. */
export function replaceFeature(
  stage: string,
  feature: string,
  replace: (value: never) => NDArray,
): OperatorFunction<Structure, Structure> {
  return map((item) => ({ ...item, [feature]: replace(requireFeature(stage, item, feature) as never) }));
}
