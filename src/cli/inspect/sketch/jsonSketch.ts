import type { DataSketch } from './dataSketch.js';

/**
 * Adds the values of a JSON object. A field inside an object has a name with dots, as in `decodeJson`. Arrays are not
 * added.
 */
export function addJson(sketch: DataSketch, object: object): void {
  if (Array.isArray(object)) return;
  sketch.records++;
  addFields(sketch, object, '');
}

function addFields(sketch: DataSketch, object: object, prefix: string): void {
  for (const [key, value] of Object.entries(object) as [string, unknown][]) {
    const name = prefix + key;
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) addFields(sketch, value, `${name}.`);
    else sketch.of(name)?.add(valuesOf(value));
  }
}

/** The elements of an array of any rank. `null` and objects have no elements. */
function valuesOf(value: unknown): (number | string)[] {
  if (Array.isArray(value)) return value.flatMap(valuesOf);
  if (typeof value === 'boolean') return [String(value)];
  return typeof value === 'number' || typeof value === 'string' ? [value] : [];
}
