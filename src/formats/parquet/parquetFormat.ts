import { z } from 'zod';
import { ConfigError } from '../../base/errors.js';
import { lazy } from '../../base/lazy.js';
import { defineFormat } from '../framing/formatDefinition.js';
import { columnFields, requireDefault, tableOptionsSchema } from '../table/tableOptions.js';

const columnSchema = lazy(() =>
  z.union(
    [
      columnFields().dtype,
      z
        .strictObject({
          ...columnFields(),
          dtype: columnFields().dtype.optional(),
          kind: z.literal('ragged').optional().describe('Set it to "ragged" for a column of lists.'),
        })
        .superRefine(requireDefault),
    ],
    { error: () => `expected one of ${columnFields().dtype.options.join(', ')}, or { dtype, default, kind }` },
  ),
);

const fromEnd = 'a Parquet file is read from its end';

/** Cannot decode a stream of bytes, because a Parquet file is read from its end. */
export const parquetFormat = defineFormat({
  name: 'Parquet',
  reference: 'https://parquet.apache.org/docs/file-format/',
  options: lazy(() => {
    const { batchSize, select, label } = tableOptionsSchema().shape;
    return z.strictObject({
      batchSize: batchSize.optional(),
      columns: z
        .record(z.string(), columnSchema(), {
          error: ({ input }) =>
            Array.isArray(input)
              ? 'expected an object with a dtype for each name: to choose columns, use "select"'
              : undefined,
        })
        .default({})
        .describe('The dtypes and defaults of columns by name. Other columns have the dtypes of the file.'),
      select,
      label,
    });
  }),
  readers: () => () => {
    throw new ConfigError(`fromParquet: ${fromEnd}, so its bytes cannot be decoded in order`, { path: '' });
  },
  needsFileStart: () => fromEnd,
  canSkip: true,
  isSeekable: false,
});

export type CheckedParquetOptions = z.output<ReturnType<typeof parquetFormat.options>>;
