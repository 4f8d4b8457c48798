import { crc32 } from 'node:zlib';
import { filter, type MonoTypeOperatorFunction } from 'rxjs';
import { z } from 'zod';
import { isNDArray, scalarOf, type NDArray } from '../src/arrays/ndarray.js';
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
  /** An integer from 0 to 2^32 - 1. Another seed makes another split. Default: 0. */
  readonly seed?: number | undefined;
}

const fields = z
  .strictObject({
    parts: z
      // JavaScript moves keys that are integers to the front, which would change the order of the parts.
      .record(z.string().regex(/\D/, 'expected a name that is not a number'), z.number().positive().max(1))
      // A sum of fractions can be rounded to a number above 1.
      .refine((parts) => sumOf(Object.values(parts)) < 1 + 1e-9, {
        error: ({ input }) =>
          `expected fractions with a sum of at most 1, found a sum of ${sumOf(Object.values(input as object))}`,
      })
      .describe('The fraction of each part.'),
    part: z.string().describe('The name of the part to keep.'),
    seed: seedOption.default(0).describe('The seed of the split. Default: 0.'),
  })
  .refine(({ parts, part }) => Object.hasOwn(parts, part), {
    path: ['part'],
    error: ({ input }) => {
      const { parts, part } = input as { readonly parts: object; readonly part: string };
      return `expected one of the parts (${Object.keys(parts).join(', ')}), found ${quote(part)}`;
    },
  });

export const splitSchema = fields.safeExtend({
  by: z.string().optional().describe('The name of the feature that is the key. Default: the whole item.'),
});

const optionsSchema = fields.safeExtend({ by: z.union([z.string(), callback()]).optional() });

/**
 * Keeps the items of one part, for example for training. Equal keys are in the same part.
 *
 * ```ts
 * import { channel } from 'millrace';
 * import { decodeTFRecord, split } from 'millrace/operators';
 *
 * const parts = { train: 0.8, validation: 0.2 };
 * const train$ = channel('train').pipe(decodeTFRecord(), split(parts, { part: 'train' }));
 * ```
 *
 * The part depends only on a hash of the key and on the seed, so the fractions are approximate. A part that is added at
 * the end moves no items of other parts. If the sum of the fractions is below 1, the other items are in no part.
 *
 * Fails with a ValueError if an item has no valid key.
 *
 * @see `docs/guides/splits.md` for the hash.
 */
export function split<T, P extends string = string>(
  parts: Readonly<Record<P, number>>,
  options: SplitOptions<T, NoInfer<P>>,
): MonoTypeOperatorFunction<T> {
  requireOptions('split', options, "{ part: 'train' }");
  const checked = parseOptions('split', optionsSchema, { ...options, parts });
  const { part, seed } = checked;
  const { by } = options;
  const names = Object.keys(checked.parts);
  const fractions = Object.values(checked.parts);
  const place = names.indexOf(part);
  const low = sumOf(fractions.slice(0, place));
  const high = sumOf(fractions.slice(0, place + 1));
  const keyOf = (item: T): unknown => {
    if (typeof by === 'string') return requireFeature('split', item as Structure, by);
    return by ? by(item) : item;
  };
  const salt = mix(seed);
  const keep = filter<T>((item) => {
    const key = keyOf(item);
    const crc = by === undefined && hasFeatures(key) ? crcOfFeatures(key) : crc32(hashable(key));
    const point = (mix(crc ^ salt) >>> 0) / 2 ** 32;
    return point >= low && point < high;
  });
  return (source) =>
    withPass((pass) => {
      pass?.ledger.stage('split', { names, fractions, part, seed, by: typeof by === 'string' ? by : undefined });
      return source.pipe(keep);
    });
}

function hasFeatures(item: unknown): item is Structure {
  return typeof item === 'object' && item !== null && !(item instanceof Uint8Array) && !isNDArray(item);
}

/** The CRC of the names and the values. In the order of the names, because files may have other orders of columns. */
function crcOfFeatures(item: Structure): number {
  let crc = 0;
  for (const name of Object.keys(item).sort()) {
    crc = crc32(name, crc);
    const value = scalarOf(item[name]);
    const values: unknown[] = isNDArray(value) && value.dtype === 'bytes' ? value.data : [value];
    for (const part of values) crc = crc32(isNDArray(part) ? bytesOf(part) : hashable(part), crc);
  }
  return crc;
}

function bytesOf({ data }: NDArray): Uint8Array {
  const { buffer, byteOffset, byteLength } = data as Exclude<NDArray['data'], Uint8Array[]>;
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function hashable(made: unknown): string | Uint8Array {
  const key = scalarOf(made);
  if (typeof key === 'string' || key instanceof Uint8Array) return key;
  if (typeof key === 'bigint' || (typeof key === 'number' && !Number.isNaN(key))) return String(key);
  const message = `expected a number, text or bytes as the key, found ${showValue(key)}`;
  throw new ValueError(`split: ${message}. Set "by" to a feature or a function.`, { path: '' });
}
