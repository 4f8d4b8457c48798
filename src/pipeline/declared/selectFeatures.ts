import { map, type OperatorFunction } from 'rxjs';
import { ValueError } from '../../base/errors.js';
import { quote } from '../../base/showValue.js';

type Structure = Readonly<Record<string, unknown>>;

/**
 * Takes features of each item, under names of their own. Notifies a ValueError where the item itself has no such
 * feature; what every object inherits (`constructor`) is none.
 *
 * @param features - the new names, and what each stands for.
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
