/** Deeper than any configuration goes, and far from what would need all of the stack. */
const MAX_DEPTH = 64;

/** What is wrong with a value before its own schema is asked, and where. */
export interface UnsafePart {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

interface Part {
  readonly value: unknown;
  readonly path: readonly PropertyKey[];
}

/**
 * Looks through plain objects and arrays, as JSON has them, for what a schema would not tell: nesting so deep that it
 * would exhaust the stack, and properties named `__proto__`, which zod's records leave out in silence.
 *
 * @param areAllNamesMeant - whether the schema takes any name, `__proto__` too.
 */
export function findUnsafe(value: unknown, areAllNamesMeant: boolean): UnsafePart | undefined {
  const parts: Part[] = [{ value, path: [] }];
  for (let part = parts.pop(); part; part = parts.pop()) {
    const { path } = part;
    const entries = entriesOf(part.value);
    if (entries.length > 0 && path.length >= MAX_DEPTH) {
      return { path: path.slice(0, 3), message: `expected no more than ${MAX_DEPTH} levels of nesting, found more` };
    }
    for (const [key, inner] of entries) {
      if (key === '__proto__' && !areAllNamesMeant) {
        return { path: [...path, key], message: 'expected another name: this one is JavaScript’s own' };
      }
      if (typeof inner === 'object') parts.push({ value: inner, path: [...path, key] });
    }
  }
  return undefined;
}

/** Of an instance of a class, whatever it holds is its own affair. */
function entriesOf(value: unknown): readonly (readonly [PropertyKey, unknown])[] {
  if (Array.isArray(value)) return [...value.entries()];
  const isPlain = typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
  return isPlain ? Object.entries(value) : [];
}
