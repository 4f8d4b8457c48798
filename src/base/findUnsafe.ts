const MAX_DEPTH = 64;

export interface UnsafePart {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

interface Part {
  readonly value: unknown;
  readonly path: readonly PropertyKey[];
}

/**
 * Finds nesting that would exhaust the stack, and keys `__proto__`, which zod's records drop.
 *
 * @param isMap - if true, accepts the name `__proto__`.
 */
export function findUnsafe(value: unknown, isMap: boolean): UnsafePart | undefined {
  const parts: Part[] = [{ value, path: [] }];
  for (let part = parts.pop(); part; part = parts.pop()) {
    const { path } = part;
    const entries = entriesOf(part.value);
    if (entries.length > 0 && path.length >= MAX_DEPTH) {
      return { path: path.slice(0, 3), message: `expected no more than ${MAX_DEPTH} levels of nesting, found more` };
    }
    for (const [key, inner] of entries) {
      if (key === '__proto__' && !isMap) {
        return { path: [...path, key], message: 'expected a different name: this name is reserved in JavaScript' };
      }
      if (typeof inner === 'object') parts.push({ value: inner, path: [...path, key] });
    }
  }
  return undefined;
}

function entriesOf(value: unknown): readonly (readonly [PropertyKey, unknown])[] {
  if (Array.isArray(value)) return [...value.entries()];
  const isPlain = typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
  return isPlain ? Object.entries(value) : [];
}
