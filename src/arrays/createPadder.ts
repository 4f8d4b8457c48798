import { z } from 'zod';
import { lazy } from '../base/lazy.js';
import { ValueError } from '../base/errors.js';
import { quoteNames } from '../base/showValue.js';
import { mapArrays, partPath } from './mapArrays.js';
import { padToShape, type PaddingValue } from './padToShape.js';
import { stackFor, type Batched } from './stack.js';

/** A shape. A length of `null` means the greatest length in the batch. */
export type PaddedShape = readonly (number | null)[];

/** One padded shape, or padded shapes in the same structure as the items. */
export type PaddedShapes = PaddedShape | readonly PaddedShapes[] | { readonly [name: string]: PaddedShapes };

/** One padding value, or padding values in the same structure as the items. */
export type PaddingValues = PaddingValue | readonly PaddingValues[] | { readonly [name: string]: PaddingValues };

/** Options for padding arrays to one shape. */
export interface PaddingOptions {
  /** The shapes after padding. Default: in each dimension, the greatest length in the batch. */
  readonly paddedShapes?: PaddedShapes | undefined;
  /** The values that fill the padding: for dtype `bytes`, `Uint8Array`s. Default: 0, or an empty `Uint8Array`. */
  readonly paddingValues?: PaddingValues | undefined;
}

const shapesSchema = lazy((): z.ZodType<PaddedShapes> =>
  z.lazy(() =>
    z.union(
      [z.array(z.int().nonnegative().nullable()), z.array(shapesSchema()), z.record(z.string(), shapesSchema())],
      {
        error: 'expected one shape, for example [28, null], or shapes in the same structure as the items',
      },
    ),
  ),
);

export const paddingValueSchema = lazy(() =>
  z.custom<PaddingValue>(
    (value) => typeof value === 'number' || typeof value === 'bigint' || value instanceof Uint8Array,
    'expected a number, a bigint or a Uint8Array',
  ),
);

const valuesSchema = lazy((): z.ZodType<PaddingValues> =>
  z.lazy(() =>
    z.union([paddingValueSchema(), z.array(valuesSchema()), z.record(z.string(), valuesSchema())], {
      error: ({ input }) =>
        typeof input === 'string'
          ? 'expected a number or a bigint; for dtype bytes, expected a Uint8Array, for example Buffer.from("PAD")'
          : 'expected one padding value (a number, bigint or Uint8Array), or padding values in the same structure as the items',
    }),
  ),
);

export const paddingFields = lazy(() => ({
  paddedShapes: shapesSchema()
    .optional()
    .describe(
      'The shape of each padded array. A length of null means the greatest length in the batch. Default: null for every length.',
    ),
  paddingValues: valuesSchema()
    .optional()
    .describe('The value that fills the padding. Default: 0 for numbers, false for bool, and empty bytes for bytes.'),
}));

/** Pads the NDArrays of items, then stacks the items. If `unknownLength` is set, it replaces lengths of `null`. */
export type Padder = <T>(items: readonly T[], unknownLength?: number) => Batched<T>;

export function createPadder(caller: string, { paddedShapes, paddingValues }: PaddingOptions): Padder {
  const shapes = flatten<PaddedShape>(paddedShapes, isShape);
  const values = flatten<PaddingValue>(paddingValues, isValue);
  const valueOfAll = values.get('');
  return (items, unknownLength) => {
    const targets = longestShapes(items);
    checkNames('paddedShapes', shapes, targets);
    if (valueOfAll === undefined) checkNames('paddingValues', values, targets);
    for (const [path, target] of targets) {
      const shape = shapes.get(path) ?? target.map(() => null);
      targets.set(
        path,
        shape.map((length, axis) => length ?? unknownLength ?? target[axis] ?? 0),
      );
    }
    const padded = items.map((item) =>
      mapArrays(item, (array, path) =>
        padToShape(array, targets.get(path) ?? [], { caller, path, value: valueOfAll ?? values.get(path) }),
      ),
    );
    return stackFor({ caller, remedy: '' }, padded);
  };
}

function longestShapes(items: readonly unknown[]): Map<string, readonly number[]> {
  const longest = new Map<string, readonly number[]>();
  for (const item of items) {
    mapArrays(item, (array, path) => {
      const known = longest.get(path) ?? array.shape;
      longest.set(
        path,
        known.map((length, axis) => Math.max(length, array.shape[axis] ?? 0)),
      );
      return array;
    });
  }
  return longest;
}

function checkNames(option: string, given: ReadonlyMap<string, unknown>, found: ReadonlyMap<string, unknown>): void {
  for (const path of given.keys()) {
    if (found.has(path)) continue;
    const known = found.has('') ? 'the item itself' : quoteNames([...found.keys()]) || 'none';
    const part = path === '' ? 'the item itself' : path;
    throw new ValueError(
      `${option} has a value for ${part}, but the items have no NDArray there. The NDArrays of the items are: ${known}.`,
      {
        path,
      },
    );
  }
}

function flatten<L>(value: unknown, isLeaf: (value: unknown) => boolean, path = ''): Map<string, L> {
  if (value === undefined) return new Map();
  if (isLeaf(value)) return new Map([[path, value as L]]);
  const isTuple = Array.isArray(value);
  return new Map(
    Object.entries(value as object).flatMap(([key, part]) => [
      ...flatten<L>(part, isLeaf, partPath(path, key, isTuple)),
    ]),
  );
}

function isShape(value: unknown): boolean {
  return Array.isArray(value) && value.every((length) => typeof length === 'number' || length === null);
}

function isValue(value: unknown): boolean {
  return typeof value !== 'object' || value instanceof Uint8Array;
}
