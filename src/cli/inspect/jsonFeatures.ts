import type { Feature, FeatureDType, Features } from '../../formats/example/features.js';

const MAX_NAMES = 1000;
const MAX_INT64 = 2 ** 63;

/** `boolean`: booleans, perhaps with integers. Such values can be int64 features, but not float32 features. */
type Kind = FeatureDType | 'boolean' | 'mixed';

/** `any length` for vectors of different lengths, and `uneven` for other arrays that have no common shape. */
type Shape = readonly number[] | 'any length' | 'uneven';

interface Leaf {
  /** Not set if all arrays were empty. */
  readonly kind: Kind | undefined;
  readonly shape: Shape;
}

/** Finds the features that `decodeJson` can read from all objects. */
export class JsonFeatures {
  readonly #leaves = new Map<string, Leaf & { count: number }>();
  readonly #hidden = new Set<string>();
  #objects = 0;

  add(object: object): void {
    this.#objects++;
    for (const [key, value] of Object.entries(object) as [string, unknown][]) {
      this.#addValue(key, value);
      if (isDottable(key)) this.#addInner(object, key, value);
    }
  }

  /**
   * Dotted names such as `a.b` that are also keys of the whole object. The inner values with these names cannot be
   * read.
   */
  get hidden(): ReadonlySet<string> {
    return this.#hidden;
  }

  /** Undefined if there are no such features. */
  result(): Features | undefined {
    const features = [...this.#leaves].flatMap(([name, leaf]): [string, Feature][] => {
      const feature = featureOf(leaf, leaf.count < this.#objects);
      return feature ? [[name, feature]] : [];
    });
    return features.length === 0 ? undefined : Object.fromEntries(features);
  }

  /** Adds the values inside an object. Skips a value if its dotted name is also a key of the whole object. */
  #addInner(whole: object, prefix: string, object: unknown): void {
    if (typeof object !== 'object' || object === null || Array.isArray(object)) return;
    for (const [key, value] of Object.entries(object) as [string, unknown][]) {
      const name = `${prefix}.${key}`;
      if (!isDottable(key)) continue;
      if (Object.hasOwn(whole, name)) {
        this.#hidden.add(name);
        continue;
      }
      this.#addValue(name, value);
      this.#addInner(whole, name, value);
    }
  }

  #addValue(name: string, value: unknown): void {
    if (value === null || name === '__proto__') return;
    const leaf = leafOf(value);
    const known = this.#leaves.get(name);
    if (known) this.#leaves.set(name, { ...common(known, leaf), count: known.count + 1 });
    else if (this.#leaves.size < MAX_NAMES) this.#leaves.set(name, { ...leaf, count: 1 });
  }
}

/** True if `decodeJson` can find the key by a name with dots. */
const isDottable = (key: string): boolean => key !== '' && !key.includes('.');

function featureOf({ kind, shape }: Leaf, isMissing: boolean): Feature | undefined {
  if (kind === undefined || kind === 'mixed' || shape === 'uneven') return undefined;
  const dtype = kind === 'boolean' ? 'int64' : kind;
  if (shape === 'any length' || (isMissing && shape.length === 1)) return { kind: 'ragged', dtype };
  if (!isMissing) return { kind: 'fixedLen', shape, dtype };
  return { kind: 'fixedLen', shape, dtype, ...(dtype === 'bytes' ? { defaultText: '' } : { default: 0 }) };
}

function leafOf(value: unknown): Leaf {
  if (!Array.isArray(value)) return { kind: kindOf(value), shape: [] };
  const [first, ...others] = value.map(leafOf);
  if (!first) return { kind: undefined, shape: [0] };
  const { kind, shape } = others.reduce(common, first);
  return { kind, shape: typeof shape === 'string' ? 'uneven' : [value.length, ...shape] };
}

function kindOf(value: unknown): Kind {
  if (typeof value === 'string') return 'bytes';
  if (typeof value === 'boolean') return 'boolean';
  if (typeof value !== 'number') return 'mixed';
  return Number.isInteger(value) && Math.abs(value) < MAX_INT64 ? 'int64' : 'float32';
}

function common(left: Leaf, right: Leaf): Leaf {
  return { kind: commonKind(left.kind, right.kind), shape: commonShape(left.shape, right.shape) };
}

function commonKind(left: Kind | undefined, right: Kind | undefined): Kind | undefined {
  if (left === right || right === undefined) return left;
  if (left === undefined) return right;
  const both = new Set([left, right]);
  if (!both.has('int64')) return 'mixed';
  if (both.has('float32')) return 'float32';
  return both.has('boolean') ? 'boolean' : 'mixed';
}

function commonShape(left: Shape, right: Shape): Shape {
  if (String(left) === String(right)) return left;
  const isVector = (shape: Shape): boolean => shape === 'any length' || (shape !== 'uneven' && shape.length === 1);
  return isVector(left) && isVector(right) ? 'any length' : 'uneven';
}
