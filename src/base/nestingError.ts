import { ValueError } from './errors.js';
import { formatPath } from './formatPath.js';

/** The maximum depth of nesting. A deeper item probably contains itself. */
export const MAX_DEPTH = 500;

/** The maximum length of a path in characters. The path of an item that contains itself has no end, so it reaches this limit. */
export const MAX_PATH_LENGTH = 2000;

/**
 * Makes the error for an item that is nested too deeply. If a part contains itself, the error has the path of that
 * part.
 */
export function nestingError(what: string, item: unknown): ValueError {
  const circle = circleIn(item, []);
  const path = formatPath(circle ?? []);
  const found = circle
    ? `contains itself: the value of ${path} is also one of its own parents`
    : `is nested more than ${MAX_DEPTH} levels deep`;
  const part = circle ? path : 'the deepest parts';
  return new ValueError(`${what}: the item ${found}. Remove ${part} with map() before this stage.`, { path });
}

interface Ancestor {
  readonly value: object;
  readonly key: PropertyKey;
}

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
