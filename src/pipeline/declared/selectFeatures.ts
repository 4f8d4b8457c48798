import { map, type OperatorFunction } from 'rxjs';
import { requireFeature, type Structure } from '../../arrays/requireFeature.js';

/**
 * Selects and renames features. Fails with a ValueError if an item lacks one of the features.
 *
 * @param features - maps new names to old names.
 */
export function selectFeatures(features: Readonly<Record<string, string>>): OperatorFunction<Structure, Structure> {
  const names = Object.entries(features);
  return map((item) => Object.fromEntries(names.map(([name, from]) => [name, requireFeature('select', item, from)])));
}
