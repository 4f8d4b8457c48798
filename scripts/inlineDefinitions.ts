type Schema = Readonly<Record<string, unknown>>;

/** A definition of up to this many characters is copied to each place, because a reference takes nearly as much. */
const MAX_COPIED_LENGTH = 150;

const PREFIX = '#/$defs/';

/**
 * Replaces references to definitions that are used once, and to short definitions. Zod makes a definition of each schema
 * that it meets again, also inside a definition that it then uses once. A definition that contains itself is used twice.
 */
export function inlineDefinitions(schema: Schema): Schema {
  const { $defs = {}, ...body } = schema;
  const definitions = $defs as Readonly<Record<string, Schema>>;
  const uses = new Map<string, number>();
  for (const name of namesIn(schema)) uses.set(name, (uses.get(name) ?? 0) + 1);
  const isInlined = (name: string): boolean => {
    const definition = definitions[name];
    const isShort = JSON.stringify(definition).length <= MAX_COPIED_LENGTH && namesIn(definition).length === 0;
    return uses.get(name) === 1 || isShort;
  };
  const inlined = new Set(Object.keys(definitions).filter(isInlined));
  const replaceIn = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(replaceIn);
    if (typeof value !== 'object' || value === null) return value;
    const { $ref, ...own } = value as Schema;
    const copy = Object.entries(own).map(([key, part]) => [key, replaceIn(part)] as const);
    const name = nameOf($ref);
    if (name === undefined) return Object.fromEntries(copy);
    if (!inlined.has(name)) return { ...Object.fromEntries(copy), $ref };
    return { ...(replaceIn(definitions[name]) as Schema), ...Object.fromEntries(copy) };
  };
  const kept = Object.entries(definitions).filter(([name]) => !inlined.has(name));
  return { ...(replaceIn(body) as Schema), $defs: replaceIn(Object.fromEntries(kept)) };
}

function nameOf($ref: unknown): string | undefined {
  return typeof $ref === 'string' && $ref.startsWith(PREFIX) ? $ref.slice(PREFIX.length) : undefined;
}

/** Returns the names of all definitions that a schema refers to, once for each reference. */
function namesIn(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const name = nameOf((schema as Schema)['$ref']);
  return [...(name === undefined ? [] : [name]), ...Object.values(schema).flatMap(namesIn)];
}
