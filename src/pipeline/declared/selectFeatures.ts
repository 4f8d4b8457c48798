import { map, type OperatorFunction } from 'rxjs';
import { ValueError } from '../../base/errors.js';
import { quote } from '../../base/showValue.js';

type Structure = Readonly<Record<string, unknown>>;

/**
 * Selects and renames features. The Observable fails with a ValueError if an item does not have one of the features as
 * an own property.
 *
 * @param features - maps new names to old names.
 */
export function selectFeatures(features: Readonly<Record<string, string>>): OperatorFunction<Structure, Structure> {
  const names = Object.entries(features);
  return map((item) =>
    Object.fromEntries(
      names.map(([name, from]) => {
        if (Object.hasOwn(item, from)) return [name, item[from]];
        const found = Object.keys(item).join(', ');
        throw new ValueError(`select: there is no ${quote(from)} among ${found}.`, { path: from });
      }),
    ),
  );
}
