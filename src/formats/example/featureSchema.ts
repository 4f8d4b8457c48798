import { z } from 'zod';
import { TYPED_ARRAY_OF } from '../../arrays/ndarray.js';
import type { Feature } from './features.js';
import type { RawDType } from '../../arrays/ndarray.js';

const shape = z.array(z.int().nonnegative());
const dtype = z.enum(['int64', 'float32', 'bytes']);
const as = z.enum(['int32', 'float32']).optional();
const allowMissing = z.boolean().optional();
const defaultValue = z.union(
  [z.number(), z.bigint(), z.nan(), z.literal([Infinity, -Infinity]), z.string(), z.instanceof(Uint8Array)],
  { error: 'expected a number, a bigint, a string or a Uint8Array' },
);
const texts = z.union([z.string(), z.array(z.string())]);
const rawDType = z.enum(Object.keys(TYPED_ARRAY_OF) as [RawDType, ...RawDType[]]);

/** The schema of one `Feature`. `defaultData` checks the default's dtype and shape. */
export const featureSchema: z.ZodType<Feature> = z
  .discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('fixedLen'),
      shape,
      dtype,
      default: z.union([defaultValue, z.array(defaultValue)]).optional(),
      defaultText: texts.optional(),
      defaultBase64: texts.optional(),
      as,
    }),
    z.strictObject({ kind: z.literal('varLen'), dtype, allowMissing, as }),
    z.strictObject({
      kind: z.literal('fixedLenSequence'),
      shape,
      dtype,
      default: defaultValue.optional(),
      defaultText: z.string().optional(),
      defaultBase64: z.string().optional(),
      allowMissing,
      as,
    }),
    z.strictObject({ kind: z.literal('ragged'), dtype, allowMissing, as }),
    z.strictObject({
      kind: z.literal('sparse'),
      indexKey: z.string(),
      valueKey: z.string(),
      dtype,
      size: z.int().nonnegative(),
      allowMissing,
      as,
    }),
    z.strictObject({ kind: z.literal('raw'), shape, dtype: rawDType }),
  ])
  .refine((feature) => feature.kind === 'raw' || feature.as === undefined || feature.dtype === 'int64', {
    path: ['as'],
    error: 'only an int64 feature can be narrowed',
  });

/** The schema of `Features`, as a map, because zod's records drop the name `__proto__`. */
export const featuresSchema = z
  .custom<Readonly<Record<string, unknown>>>(isPlainObject, 'expected an object of features by name')
  .transform((features) => new Map(Object.entries(features)))
  .pipe(z.map(z.string(), featureSchema));

function isPlainObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
