import type { z } from 'zod';

type Schema = z.core.$ZodTypes;

interface KeyPlace {
  /** `[]` means any index, and `<name>` means any name. */
  readonly path: readonly string[];
  /** The union member that has this key: `recordFormat TextLine`. */
  readonly kind: string | undefined;
  /** Set if the key is the name of a union member: `"stage": "shuffle"` for the key `shuffle`. */
  readonly member?: string;
}

/**
 * Returns a clause that says where a schema accepts a key: `belongs in channels.<name>, with recordFormat TextLine`.
 * Prefers a place inside `path`, then the place closest to the top level.
 *
 * Returns `undefined` if no place is found, or if another member of the union at `path` has the key. In these cases,
 * the caller lists the known keys.
 */
export function placeOfKey(schema: z.ZodType, key: string, path: readonly PropertyKey[]): string | undefined {
  const places = [...placesOf(schema, key)];
  if (places.some((place) => place.member === undefined && isSame(place.path, path))) return undefined;
  const depthOf = (place: KeyPlace): number => {
    const isBelow = path.length > 0 && isSame(place.path.slice(0, path.length), path);
    return isBelow ? 0 : place.path.length;
  };
  const [first, ...others] = places.sort((left, right) => depthOf(left) - depthOf(right));
  if (!first) return undefined;
  const where = textOf(first.path);
  if (first.member !== undefined) return `is written as { ${first.member}, … } in ${where}`;
  const kinds = [first, ...others].filter((place) => textOf(place.path) === where).map(({ kind }) => kind);
  // If a union member without a kind has the key, all members may have the key.
  const kind = kinds.includes(undefined) ? '' : `, with ${[...new Set(kinds)].join(' or ')}`;
  return `belongs ${where === '' ? 'at the top level' : `in ${where}`}${kind}`;
}

/** Does not follow `z.lazy`, because a lazy schema may contain itself. */
function* placesOf(
  schema: z.core.SomeType,
  key: string,
  path: readonly string[] = [],
  kind?: string,
): Generator<KeyPlace, void, undefined> {
  const { def } = (schema as Schema)._zod;
  if (def.type === 'object') {
    if (Object.hasOwn(def.shape, key)) yield { path, kind };
    for (const [name, part] of Object.entries(def.shape)) yield* placesOf(part, key, [...path, name]);
  } else if (def.type === 'union') yield* placesInUnion(def, key, path, kind);
  else if (def.type === 'record' || def.type === 'map') yield* placesOf(def.valueType, key, [...path, '<name>']);
  else if (def.type === 'array') yield* placesOf(def.element, key, [...path, '[]']);
  else if (def.type === 'pipe') yield* placesOf(def.in, key, path, kind);
  else if ('innerType' in def) yield* placesOf(def.innerType, key, path, kind);
}

function* placesInUnion(
  def: z.core.$ZodUnionDef,
  key: string,
  path: readonly string[],
  kind: string | undefined,
): Generator<KeyPlace, void, undefined> {
  const discriminator = 'discriminator' in def ? String(def.discriminator) : undefined;
  const haveAll = def.options.every((member) => Object.hasOwn(shapeOf(member), key));
  for (const member of def.options) {
    const constant = discriminator === undefined ? undefined : constantOf(shapeOf(member)[discriminator]);
    if (constant === key) yield { path, kind, member: `"${discriminator}": "${constant}"` };
    yield* placesOf(member, key, path, constant === undefined || haveAll ? kind : `${discriminator} ${constant}`);
  }
}

function shapeOf(schema: z.core.SomeType): z.core.$ZodShape {
  const { def } = (schema as Schema)._zod;
  return def.type === 'object' ? def.shape : {};
}

function constantOf(schema: z.core.SomeType | undefined): string | undefined {
  if (!schema) return undefined;
  const { def } = (schema as Schema)._zod;
  if ('innerType' in def) return constantOf(def.innerType);
  const [constant] = def.type === 'literal' ? def.values : [];
  return typeof constant === 'string' ? constant : undefined;
}

function isSame(place: readonly string[], path: readonly PropertyKey[]): boolean {
  return (
    place.length === path.length &&
    place.every((name, at) => name === path[at] || (name === '[]' ? typeof path[at] === 'number' : name === '<name>'))
  );
}

function textOf(path: readonly string[]): string {
  return path.join('.').replaceAll('.[]', '[]');
}
