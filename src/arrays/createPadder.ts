import { z } from 'zod';
import { ValueError } from '../base/errors.js';
import { mapArrays, partPath } from './mapArrays.js';
import { padToShape, type PaddingValue } from './padToShape.js';
import { stack, type Batched } from './stack.js';

/** A shape to pad to; `null` is the longest of the batch. */
export type PaddedShape = readonly (number | null)[];

/** Shapes to pad to in the form of the items: one shape, or those of the parts by name or place. */
export type PaddedShapes = PaddedShape | readonly PaddedShapes[] | { readonly [name: string]: PaddedShapes };

/** What to pad with: one value for all, or one for each part in the form of the items. */
export type PaddingValues = PaddingValue | readonly PaddingValues[] | { readonly [name: string]: PaddingValues };

/** How arrays of unequal shape are brought to one. */
export interface PaddingOptions {
  /** Default, also for parts that are not named: the longest of the batch in each dimension. */
  readonly paddedShapes?: PaddedShapes | undefined;
  /** A number, a bigint, or for dtype `bytes` a `Uint8Array`. Default, also for parts that are not named: 0, or no bytes. */
  readonly paddingValues?: PaddingValues | undefined;
}

const shapesSchema: z.ZodType<PaddedShapes> = z.lazy(() =>
  z.union([z.array(z.int().nonnegative().nullable()), z.array(shapesSchema), z.record(z.string(), shapesSchema)], {
    error: 'expected a shape, such as [28, null], or an object or array of shapes in the form of the items',
  }),
);

const valueSchema = z.custom<PaddingValue>(
  (value) => typeof value === 'number' || typeof value === 'bigint' || value instanceof Uint8Array,
);

const valuesSchema: z.ZodType<PaddingValues> = z.lazy(() =>
  z.union([valueSchema, z.array(valuesSchema), z.record(z.string(), valuesSchema)], {
    error: ({ input }) =>
      typeof input === 'string'
        ? 'expected a number or a bigint, or for bytes a Uint8Array, such as Buffer.from("PAD")'
        : 'expected a number, a bigint or a Uint8Array, or an object or array of these in the form of the items',
  }),
);

/** The fields of {@link PaddingOptions} in an operator's own schema. */
export const paddingFields = { paddedShapes: shapesSchema.optional(), paddingValues: valuesSchema.optional() };

/** Stacks items as `stack` does, once their NDArrays are padded; `unknownLength` stands for `null`, default the longest. */
export type Padder = <T>(items: readonly T[], unknownLength?: number) => Batched<T>;

/**
 * Makes a {@link Padder}. It throws a ShapeError where ranks differ or an array is longer than it may be, a ValueError
 * where the options name what items do not have or a value does not fit its dtype, and whatever `stack` throws.
 */
export function createPadder({ paddedShapes, paddingValues }: PaddingOptions): Padder {
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
        padToShape(array, targets.get(path) ?? [], { path, value: valueOfAll ?? values.get(path) }),
      ),
    );
    return stack(padded);
  };
}

/** The greatest length in each dimension, by path. */
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
    const there = [...found.keys()].map((name) => (name === '' ? 'the item itself' : name)).join(', ') || 'none';
    const what = path === '' ? 'one for the item itself' : path;
    throw new ValueError(`${option} gives ${what}, where items have no NDArray. They have: ${there}.`, { path });
  }
}

/** The leaves of a nested option by path. */
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
