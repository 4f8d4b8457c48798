import { z } from 'zod';
import { lazy } from '../../base/lazy.js';
import { MAX_ELEMENTS, sizeOfShape } from '../../arrays/ndarray.js';
import { STORED_DTYPES } from '../storedNumbers.js';
import { TENSOR_DTYPES } from '../tensorProto/tensorLayout.js';
import type { Feature } from './features.js';
import { PARTITION_KINDS, type Partition } from './partitionLimits.js';

const kind = <const K extends string>(name: K) =>
  z.literal(name).describe('The kind of the feature. It determines the form of the array.');
const length = lazy(() => z.int().nonnegative());
const shape = lazy(() =>
  z
    .array(length())
    .refine((lengths) => sizeOfShape(lengths) <= MAX_ELEMENTS, { error: `expected at most ${MAX_ELEMENTS} elements` })
    .describe('The shape of the feature in one record.'),
);
const dtype = lazy(() => z.enum(['int64', 'float32', 'bytes']).describe('The dtype of the feature in the record.'));
const as = lazy(() =>
  z
    .enum(['int32', 'float32'])
    .optional()
    .describe('The dtype that int64 values are converted to. Default: no conversion.'),
);
const allowMissing = lazy(() =>
  z
    .boolean()
    .optional()
    .describe(
      'If true, the feature may be missing in records. Default: true, but false for a fixedLenSequence in "sequence".',
    ),
);
const defaultValue = lazy(() =>
  z.union([z.number(), z.bigint(), z.nan(), z.literal([Infinity, -Infinity]), z.string(), z.instanceof(Uint8Array)], {
    error: 'expected a number, a bigint, a string or a Uint8Array',
  }),
);
const texts = lazy(() => z.union([z.string(), z.array(z.string())]));
const partitions = lazy(
  () =>
    [
      z.strictObject({ uniformRowLength: z.int().positive().describe('The number of values or rows in each row.') }),
      ...PARTITION_KINDS.map((name) =>
        z.strictObject({ [name]: z.string().describe('The name of the int64 feature that contains these numbers.') }),
      ),
    ] as unknown as readonly [z.ZodType<Partition>],
);
const missingDefault = lazy(() =>
  z
    .union([defaultValue(), z.array(defaultValue())])
    .optional()
    .describe('The value to use if the feature is missing in a record.'),
);

const fixedLen = lazy(() =>
  z.strictObject({
    kind: kind('fixedLen'),
    shape: shape(),
    dtype: dtype(),
    default: missingDefault(),
    defaultText: texts().optional().describe('The default value of a bytes feature, written as text.'),
    defaultBase64: texts().optional().describe('The default value of a bytes feature, written in base64.'),
    as: as(),
  }),
);
const varLen = lazy(() =>
  z.strictObject({ kind: kind('varLen'), dtype: dtype(), allowMissing: allowMissing(), as: as() }),
);
const fixedLenSequence = lazy(() =>
  z.strictObject({
    kind: kind('fixedLenSequence'),
    shape: shape(),
    dtype: dtype(),
    default: defaultValue()
      .optional()
      .describe('The value that pads shorter records in a batch. Default: 0 for numbers, and empty bytes for bytes.'),
    defaultText: z.string().optional().describe('The padding value of a bytes feature, written as text.'),
    defaultBase64: z.string().optional().describe('The padding value of a bytes feature, written in base64.'),
    allowMissing: allowMissing(),
    as: as(),
  }),
);
const ragged = lazy(() =>
  z.strictObject({
    kind: kind('ragged'),
    dtype: dtype(),
    valueKey: z
      .string()
      .optional()
      .describe('The name of the feature that contains the values. Default: the name of this feature.'),
    partitions: z
      .array(z.union(partitions()))
      .optional()
      .describe('How the values are divided into rows: the outermost partition first. Default: not divided.'),
    allowMissing: allowMissing(),
    as: as(),
  }),
);
const sparse = lazy(() =>
  z.strictObject({
    kind: kind('sparse'),
    indexKey: z
      .union([z.string(), z.array(z.string()).min(1)])
      .describe('The name of the int64 feature that contains the indices, or one name for each dimension.'),
    valueKey: z.string().describe('The name of the feature that contains the values of the sparse array.'),
    dtype: dtype(),
    size: z
      .union([length(), z.array(length())])
      .describe('The length of each dimension, including the elements that are not stored.'),
    allowMissing: allowMissing(),
    as: as(),
  }),
);
const raw = lazy(() =>
  z.strictObject({
    kind: kind('raw'),
    shape: shape(),
    dtype: z.enum(STORED_DTYPES).describe('The dtype of the array that the bytes of the feature contain.'),
    littleEndian: z
      .boolean()
      .optional()
      .describe('The order of the bytes: true for little-endian, false for big-endian. Default: true.'),
    default: missingDefault(),
  }),
);
const tensor = lazy(() =>
  z.strictObject({
    kind: kind('tensor'),
    shape: z
      .array(z.int().nonnegative().nullable())
      .describe('The shape of the tensor in one record. A length of null means any length.'),
    dtype: z.enum(TENSOR_DTYPES).describe('The dtype of the tensor that the TensorProto contains.'),
  }),
);

/** `defaultData` checks whether a default fits the dtype and the shape. */
export const featureSchema = lazy((): z.ZodType<Feature> =>
  z
    .discriminatedUnion('kind', [fixedLen(), varLen(), fixedLenSequence(), ragged(), sparse(), raw(), tensor()], {
      error: ({ input }) =>
        isPlainObject(input) ? undefined : "expected a feature, as in fixedLenFeature([], 'int64')",
    })
    .refine(
      (feature) => feature.kind !== 'sparse' || [feature.size].flat().length === [feature.indexKey].flat().length,
      {
        path: ['size'],
        error: 'expected one length for each name in indexKey',
      },
    )
    .refine((feature) => !('as' in feature) || feature.as === undefined || feature.dtype === 'int64', {
      path: ['as'],
      error: 'expected dtype int64, because only int64 values can be converted with "as"',
    }),
);

/** A zod record would drop a feature with the name `__proto__`. */
export const featuresSchema = lazy(() =>
  z
    .custom<Readonly<Record<string, unknown>>>(isPlainObject, 'expected an object of features by name')
    .transform((features) => new Map(Object.entries(features)))
    .pipe(z.map(z.string(), featureSchema())),
);

function isPlainObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
