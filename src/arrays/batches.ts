import { ValueError } from '../base/errors.js';
import { shared } from '../base/shared.js';
import { isNDArray } from './ndarray.js';

/** A base class whose `this` is the argument, so that a subclass adds its private fields to an existing object. */
const Existing = function (object: object): object {
  return object;
} as unknown as new (object: object) => object;

/** Not a WeakMap, because V8 checks its entries at each collection: 2 % of the time of a pipeline with `parseExample`. */
class Mark extends Existing {
  #maker: string;

  private constructor(object: object, maker: string) {
    super(object);
    this.#maker = maker;
  }

  static get(object: object): string | undefined {
    return #maker in object ? object.#maker : undefined;
  }

  static set(object: object, maker: string): void {
    if (#maker in object) object.#maker = maker;
    else new Mark(object, maker);
  }
}

/**
 * The operator that made each batch. The objects are batches and the shapes of their arrays. Shared, because the next
 * operator may belong to another copy of this package.
 */
const makers = shared('batches', () => Mark);

/** The makers of tables. Stages of items cannot come before these makers. */
const TABLE_MAKERS: readonly string[] = ['decodeTable', 'fromParquet'];

/**
 * For an NDArray, the key is its shape: functions such as `scale` keep the shape, and rows of the batch have a
 * different shape.
 */
const keyOf = (value: object): object => (isNDArray(value) ? value.shape : value);

/**
 * Marks a batch and its parts. Without marks, a batch looks like an item whose arrays have one more axis. Parts are
 * also marked, because `map` often makes a new object from them.
 */
export function markBatch<T>(maker: string, batch: T): T {
  if (typeof batch !== 'object' || batch === null) return batch;
  const key = keyOf(batch);
  // Columns of one table can share their shape, which is marked only once.
  if (makers.get(key) !== maker) makers.set(key, maker);
  if (key !== batch || ArrayBuffer.isView(batch)) return batch;
  // The elements of a plain array are items, which are not marked.
  if (Array.isArray(batch) && !isNDArray(batch[0])) return batch;
  for (const part of Object.values(batch)) markBatch(maker, part);
  return batch;
}

/** If `value` is a table or contains a column of a table, returns the source that made this table. */
export function makerOfTable(value: unknown): string | undefined {
  const maker = makerOfBatch(value);
  return maker !== undefined && TABLE_MAKERS.includes(maker) ? maker : undefined;
}

/** If `value` is a batch or contains a part of a batch, returns the operator that made this batch. */
export function makerOfBatch(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const key = keyOf(value);
  const maker = makers.get(key);
  if (maker !== undefined || key !== value || ArrayBuffer.isView(value)) return maker;
  for (const key in value) {
    const part = (value as Readonly<Record<string, unknown>>)[key];
    const makerOfPart = typeof part === 'object' && part !== null ? makers.get(keyOf(part)) : undefined;
    if (makerOfPart !== undefined) return makerOfPart;
  }
  return undefined;
}

export function batchFound(caller: string, maker: string, path = ''): ValueError {
  const place = path === '' ? 'a batch' : `the feature ${path} of a batch`;
  const earlier = TABLE_MAKERS.includes(maker) ? '' : `put ${caller}() before ${maker}(), or `;
  const remedy = `${earlier}add unbatch() before ${caller}()`;
  const message = `${caller}: expected single items, found ${place} that ${maker}() has made. `;
  return new ValueError(`${message}${remedy.charAt(0).toUpperCase()}${remedy.slice(1)}.`, { path });
}
