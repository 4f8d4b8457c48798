import { ValueError } from './errors.js';
import { formatPath } from './formatPath.js';

/** An item may be nested this deep. A deeper one most likely contains itself. */
export const MAX_DEPTH = 500;

/** A path in an item may have this many characters. A longer one most likely leads round a circle. */
export const MAX_PATH_LENGTH = 2000;

/** Returns the error for an item that is nested too deep. Its path leads to the part that contains itself, if there is one. */
export function nestingError(what: string, item: unknown): ValueError {
  const circle = circleIn(item, []);
  const path = formatPath(circle ?? []);
  const found = circle
    ? `contains itself: ${path} leads back to an object above it`
    : `is nested more than ${MAX_DEPTH} levels deep`;
  return new ValueError(`${what}: the item ${found}. Remove that part with map before this stage.`, { path });
}

interface Ancestor {
  readonly value: object;
  readonly key: PropertyKey;
}

/** Returns the path to an object that is one of its own ancestors. */
function circleIn(value: unknown, above: readonly Ancestor[]): PropertyKey[] | undefined {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return undefined;
  if (above.some((ancestor) => ancestor.value === value)) return above.map(({ key }) => key);
  if (above.length > MAX_DEPTH) return undefined;
  for (const [name, part] of Object.entries(value) as [string, unknown][]) {
    const circle = circleIn(part, [...above, { value, key: Array.isArray(value) ? Number(name) : name }]);
    if (circle) return circle;
  }
  return undefined;
}
