import { z } from 'zod';
import { lazy } from '../../base/lazy.js';
import { positiveInteger } from '../../base/parseOptions.js';
import { quote } from '../../base/showValue.js';
import { maxRecordBytesSchema } from '../framing/recordLimits.js';
import { tableDTypeSchema, valueOfDefault, type TableDType } from './tableDType.js';

/** A column: its dtype, or its dtype and the value of its empty fields. */
export type TableColumn =
  | TableDType
  | {
      readonly dtype: TableDType;
      /**
       * The value of empty fields. Default: empty bytes for dtype `string`. For other dtypes, an empty field without
       * `default` is an error.
       */
      readonly default?: number | bigint | boolean | string | undefined;
    };

/** The dtypes of columns by name. */
export type TableColumns = Readonly<Record<string, TableColumn>>;

/** How to read tables. */
export interface TableOptions<C extends TableColumns = TableColumns, S extends string = string> {
  /** The number of rows in a table. The last table of a file can have fewer. */
  readonly batchSize: number;
  /** The dtypes of columns by name. Other columns have inferred dtypes. */
  readonly columns?: C | undefined;
  /** The names of the columns to read, in the order of the table. Default: all columns. */
  readonly select?: readonly S[] | undefined;
  /** The names of the columns, for a file without a header. Default: the first row is the header. */
  readonly columnNames?: readonly string[] | undefined;
  /** The number of rows from which dtypes are inferred. Default: 100. */
  readonly inferRows?: number | undefined;
  /** The field delimiter, one ASCII character. Default: `,`. */
  readonly delimiter?: string | undefined;
  /** If true, fields may be quoted as in RFC 4180. If false, a quote is an ordinary character. Default: true. */
  readonly quotes?: boolean | undefined;
  /** Fields with one of these texts, for example `NA`, are read as empty fields. Default: none. */
  readonly naValues?: readonly string[] | undefined;
  /**
   * The name of the label column. If set, items are `{ xs, ys }`, and the label is read even if `select` does not
   * contain it.
   */
  readonly label?: string | undefined;
  /** The maximum length of a row in bytes. Default: 256 MiB. */
  readonly maxRecordBytes?: number | undefined;
}

export const columnFields = lazy(() => ({
  dtype: tableDTypeSchema().describe('The dtype of the column.'),
  default: z
    .union([z.number(), z.nan(), z.literal([Infinity, -Infinity]), z.bigint(), z.boolean(), z.string()])
    .optional()
    .describe('The value of empty fields. Without this value, an empty field in a column of numbers is an error.'),
}));

/** Adds an issue if the dtype cannot represent the default. */
export function requireDefault(
  {
    dtype,
    default: value,
  }: { readonly dtype?: TableDType | undefined; readonly default?: number | bigint | boolean | string | undefined },
  context: z.RefinementCtx,
): void {
  if (dtype === undefined || value === undefined || valueOfDefault(dtype, value) !== undefined) return;
  context.addIssue({ code: 'custom', path: ['default'], message: `expected ${dtype}, found ${quote(String(value))}` });
}

const columnSchema = lazy(() =>
  z.union([tableDTypeSchema(), z.strictObject(columnFields()).superRefine(requireDefault)], {
    error: () => `expected one of ${tableDTypeSchema().options.join(', ')}, or { dtype, default }`,
  }),
);

const delimiterSchema = lazy(() =>
  z.string().refine((text) => text.length === 1 && text.charCodeAt(0) < 0x80 && !/["\r\n0-9a-z+.-]/i.test(text), {
    error: 'expected one ASCII character, but no quote, line end, letter, digit, plus, minus or point',
  }),
);

const namesSchema = lazy(() =>
  z
    .array(z.string())
    .min(1)
    .superRefine((names, context) => {
      const twice = names.find((name, at) => names.indexOf(name) < at);
      if (twice !== undefined) context.addIssue({ code: 'custom', message: `the name ${quote(twice)} occurs twice` });
    }),
);

export const tableOptionsSchema = lazy(() =>
  z.strictObject({
    batchSize: positiveInteger().describe('The number of rows in a table. The last table of a file can have fewer.'),
    columns: z
      .record(z.string(), columnSchema())
      .default({})
      .describe('The dtypes of columns by name. The dtypes of the other columns are inferred from the first rows.'),
    select: namesSchema().optional().describe('The names of the columns to read. Default: all columns.'),
    columnNames: namesSchema()
      .optional()
      .describe('The names of the columns, for files without a header. Default: the first row is the header.'),
    inferRows: positiveInteger()
      .default(100)
      .describe('The number of rows from which dtypes are inferred. Default: 100.'),
    delimiter: delimiterSchema().default(',').describe('The field delimiter, one ASCII character. Default: a comma.'),
    quotes: z.boolean().default(true).describe('If true, fields may be quoted. Default: true.'),
    naValues: z.array(z.string()).default([]).describe('Texts that are read as an empty field. Default: none.'),
    label: z.string().min(1).optional().describe('The name of the label column. If set, items are { xs, ys }.'),
    maxRecordBytes: maxRecordBytesSchema(),
  }),
);

export type CheckedTableOptions = z.output<ReturnType<typeof tableOptionsSchema>>;
