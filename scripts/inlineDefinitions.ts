type Schema = Readonly<Record<string, unknown>>;

/** A definition of up to this many characters is copied to each place, because a reference is nearly as long. */
const MAX_COPIED_LENGTH = 150;

const PREFIX = '#/$defs/';

/**
 * Replaces references to definitions that are used once, and to short definitions. Shortens the names of all other
 * definitions. Zod makes a definition of each schema that occurs more than once, also inside a definition that is used
 * once. A definition that contains itself counts as used twice.
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
  const kept = Object.keys(definitions).filter((name) => !isInlined(name));
  /** A short name for each kept definition, because a package has many references. */
  const shortNameOf = (name: string): string => `d${kept.indexOf(name)}`;
  const replaceIn = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(replaceIn);
    if (typeof value !== 'object' || value === null) return value;
    const { $ref, ...own } = value as Schema;
    const copy = Object.fromEntries(Object.entries(own).map(([key, part]) => [key, replaceIn(part)]));
    const name = nameOf($ref);
    if (name === undefined) return copy;
    if (kept.includes(name)) return { ...copy, $ref: `${PREFIX}${shortNameOf(name)}` };
    return { ...(replaceIn(definitions[name]) as Schema), ...copy };
  };
  const entries = kept.map((name) => [shortNameOf(name), replaceIn(definitions[name])] as const);
  return { ...(replaceIn(body) as Schema), $defs: Object.fromEntries(entries) };
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
