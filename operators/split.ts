import { crc32 } from 'node:zlib';
import { filter, type MonoTypeOperatorFunction } from 'rxjs';
import { z } from 'zod';
import { lazy } from '../src/base/lazy.js';
import { batchFound, makerOfBatch } from '../src/arrays/batches.js';
import { scalarOf, type NDArray } from '../src/arrays/ndarray.js';
import { crcOfItem } from './shared/itemKey.js';
import { requireFeature, type Structure } from '../src/arrays/requireFeature.js';
import { ValueError } from '../src/base/errors.js';
import { seedOption } from '../src/base/optionFields.js';
import { callback, parseOptions, requireOptions } from '../src/base/parseOptions.js';
import { mix } from '../src/base/seededRandom.js';
import { quote, showValue } from '../src/base/showValue.js';
import { sumOf } from '../src/base/sumOf.js';
import { withPass } from '../src/resume/pass.js';

/** A key of {@link split}. A number and its text are equal keys. An NDArray must have one element. */
export type SplitKey = string | number | bigint | Uint8Array | NDArray;

/** Options of {@link split}. */
export interface SplitOptions<T, P extends string = string> {
  /** The name of the part to keep. */
  readonly part: P;
  /** The name of the feature that is the key, or a function that returns the key. Default: the whole item. */
  readonly by?: string | ((item: T) => SplitKey) | undefined;
  /** An integer from 0 to 2^32 - 1. A different seed makes a different split. Default: 0. */
  readonly seed?: number | undefined;
}

const fields = lazy(() =>
  z
    .strictObject({
      parts: z
        // JavaScript moves keys that are integers to the front, which would change the order of the parts.
        .record(z.string().regex(/\D/, 'expected a name that is not a number'), z.number().positive().max(1))
        .refine((parts) => Object.keys(parts).length > 0, {
          error: 'expected at least one part, such as { train: 0.8, validation: 0.2 }, found none',
        })
        // A sum of fractions can be rounded to a number above 1.
        .refine((parts) => sumOf(Object.values(parts)) < 1 + 1e-9, {
          error: ({ input }) =>
            `expected fractions with a sum of at most 1, found a sum of ${sumOf(Object.values(input as object))}`,
        })
        .describe('The fraction of each part.'),
      part: z.string().describe('The name of the part to keep.'),
      seed: seedOption().default(0).describe('The seed of the split. Default: 0.'),
    })
    .refine(({ parts, part }) => Object.keys(parts).length === 0 || Object.hasOwn(parts, part), {
      path: ['part'],
      error: ({ input }) => {
        const { parts, part } = input as { readonly parts: object; readonly part: string };
        return `expected one of the parts (${Object.keys(parts).join(', ')}), found ${quote(part)}`;
      },
    }),
);

export const splitSchema = lazy(() =>
  fields().safeExtend({
    by: z.string().optional().describe('The name of the feature that is the key. Default: the whole item.'),
  }),
);

const optionsSchema = lazy(() => fields().safeExtend({ by: z.union([z.string(), callback()]).optional() }));

/**
 * Keeps the items of one part, for example for training. Items with equal keys are in the same part.
 *
 * ```ts
 * import { channel } from 'millrace';
 * import { decodeTFRecord, split } from 'millrace/operators';
 *
 * const parts = { train: 0.8, validation: 0.2 };
 * const train$ = channel('train').pipe(decodeTFRecord(), split(parts, { part: 'train' }));
 * ```
 *
 * The part depends only on a hash of the key and on the seed, so the fractions are approximate. If you add a part at
 * the end, no item moves between the earlier parts. If the sum of the fractions is below 1, the remaining items are in
 * no part.
 *
 * Without the option `by`, an item is a text, a number, a boolean, bytes, a typed array, an NDArray, a Date, or a plain
 * object, array, Map or Set of these, at any depth. The order of the entries of a Map or Set is part of the key.
 *
 * Fails with a ValueError that names the feature if an item contains a function or an object of a class, if the key of
 * the option `by` is not a {@link SplitKey} or is NaN, or if the item is a batch. Put `split` before `batch`.
 *
 * @see `docs/guides/splits.md` for the hash.
 */
export function split<T, P extends string = string>(
  parts: Readonly<Record<P, number>>,
  options: SplitOptions<T, NoInfer<P>>,
): MonoTypeOperatorFunction<T> {
  requireOptions('split', options, "{ part: 'train' }");
  const checked = parseOptions('split', optionsSchema(), { ...options, parts });
  const { part, seed } = checked;
  const { by } = options;
  const names = Object.keys(checked.parts);
  const fractions = Object.values(checked.parts);
  const place = names.indexOf(part);
  const low = sumOf(fractions.slice(0, place));
  const high = sumOf(fractions.slice(0, place + 1));
  const crcOf = (item: T): number => {
    if (by === undefined) return crcOfItem('split', item);
    if (typeof by === 'function') return crc32(hashable(by(item)));
    const feature = requireFeature('split', item as Structure, by);
    const maker = makerOfBatch(feature) ?? makerOfBatch(item);
    if (maker !== undefined) throw batchFound('split', maker, by);
    return crc32(hashable(feature, by));
  };
  const salt = mix(seed);
  const keep = filter<T>((item) => {
    const point = (mix(crcOf(item) ^ salt) >>> 0) / 2 ** 32;
    return point >= low && point < high;
  });
  return (source) =>
    withPass((pass) => {
      pass?.ledger.stage('split', { names, fractions, part, seed, by: typeof by === 'string' ? by : undefined });
      return source.pipe(keep);
    });
}

function hashable(made: unknown, by?: string): string | Uint8Array {
  const key = scalarOf(made);
  if (typeof key === 'string' || key instanceof Uint8Array) return key;
  if (typeof key === 'bigint' || (typeof key === 'number' && !Number.isNaN(key))) return String(key);
  const place = by === undefined ? 'split' : `split: ${by}`;
  const message = `${place}: expected a number, text or bytes as the key, found ${showValue(key)}`;
  throw new ValueError(`${message}. Set "by" to another feature, or to a function that returns a valid key.`, {
    path: by ?? '',
  });
}
