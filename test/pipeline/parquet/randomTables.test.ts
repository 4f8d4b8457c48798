import { gzipSync, brotliCompressSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ColumnSource } from 'hyparquet-writer';
import type { DType } from '../../../src/arrays/ndarray.js';
import { fromParquet } from '../../../src/pipeline/parquet/fromParquet.js';
import { all, joined, parquetBytes, rowsOf, STORED, storeOf, type ColumnJson } from './support/parquetFiles.js';

interface Kind {
  readonly type: NonNullable<ColumnSource['type']>;
  readonly dtype: DType;
  readonly values: fc.Arbitrary<unknown>;
  readonly encodings: readonly (ColumnSource['encoding'] | undefined)[];
  readonly fallback: number | bigint | string | boolean;
}

const SPLIT = 'BYTE_STREAM_SPLIT';
const DELTA = 'DELTA_BINARY_PACKED';

const KINDS: readonly Kind[] = [
  { type: 'BOOLEAN', dtype: 'bool', values: fc.boolean(), encodings: [undefined, 'RLE'], fallback: true },
  { type: 'INT32', dtype: 'int32', values: fc.integer(), encodings: [undefined, DELTA, SPLIT], fallback: 7 },
  {
    type: 'INT64',
    dtype: 'int64',
    values: fc.oneof(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.bigInt({ min: 0n, max: 5n })),
    encodings: [undefined, DELTA, SPLIT],
    fallback: 7n,
  },
  { type: 'FLOAT', dtype: 'float32', values: fc.float(), encodings: [undefined, SPLIT], fallback: 1.5 },
  { type: 'DOUBLE', dtype: 'float64', values: fc.double(), encodings: [undefined, SPLIT], fallback: 1.5 },
  {
    type: 'STRING',
    dtype: 'bytes',
    values: fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('', 'a', 'ab')),
    encodings: [undefined, 'DELTA_LENGTH_BYTE_ARRAY', 'DELTA_BYTE_ARRAY'],
    fallback: 'none',
  },
];

function jsonOf(value: unknown, { dtype, fallback }: Kind): unknown {
  const present = value ?? fallback;
  if (dtype === 'bytes') return Buffer.from(present as string).toString('base64');
  if (dtype === 'bool') return Number(present);
  if (typeof present === 'bigint') return String(present);
  if (typeof present !== 'number' || Number.isFinite(present)) return present;
  return Number.isNaN(present) ? 'nan' : present > 0 ? 'inf' : '-inf';
}

const column = (rows: number) =>
  fc.constantFrom(...KINDS).chain((kind) =>
    fc.record({
      kind: fc.constant(kind),
      encoding: fc.constantFrom(...kind.encodings),
      nulls: fc.boolean(),
      data: fc.array(fc.oneof({ weight: 4, arbitrary: kind.values }, { weight: 1, arbitrary: fc.constant(null) }), {
        minLength: rows,
        maxLength: rows,
      }),
    }),
  );

const COMPRESSORS = {
  GZIP: (bytes: Uint8Array) => gzipSync(bytes),
  BROTLI: (bytes: Uint8Array) => brotliCompressSync(bytes),
};

const file = fc.integer({ min: 1, max: 60 }).chain((rows) =>
  fc.record({
    columns: fc.array(column(rows), { minLength: 1, maxLength: 4 }),
    rowGroupSize: fc.integer({ min: 1, max: 70 }),
    pageSize: fc.constantFrom(16, 64, 1_000_000),
    codec: fc.constantFrom('UNCOMPRESSED' as const, 'SNAPPY' as const, 'GZIP' as const, 'BROTLI' as const),
    batchSize: fc.option(fc.integer({ min: 1, max: 70 }), { nil: undefined }),
  }),
);

describe('fromParquet', () => {
  it('reads what hyparquet-writer has written, in tables of any size', async () => {
    const check = async ({ columns, batchSize, ...options }: typeof file extends fc.Arbitrary<infer F> ? F : never) => {
      const named = columns.map(({ data, nulls, ...rest }, at) => ({
        ...rest,
        name: `c${at}`,
        // A required column has no null.
        data: nulls ? data : data.map((value) => value ?? rest.kind.fallback),
        nullable: nulls,
      }));
      const bytes = parquetBytes(
        named.map(({ name, data, nullable, kind: { type }, encoding }) => ({
          name,
          data,
          nullable,
          type,
          ...(encoding && { encoding }),
        })),
        { ...options, compressors: COMPRESSORS },
      );
      const defaults = Object.fromEntries(named.map(({ name, kind }) => [name, { default: kind.fallback }]));
      const tables = await all(fromParquet(STORED, { store: storeOf(bytes), columns: defaults, batchSize }));
      const expected = new Map<string, ColumnJson>(
        named.map(({ name, kind, data }) => [
          name,
          { dtype: kind.dtype, values: data.map((value) => jsonOf(value, kind)) },
        ]),
      );
      expect(joined(tables)).toEqual(expected);
      const full = tables.slice(0, -1).map(rowsOf);
      expect(full).toEqual(full.map(() => batchSize ?? options.rowGroupSize));
    };
    await fc.assert(fc.asyncProperty(file, check), { numRuns: 100 });
  });

  it('reads lists that hyparquet-writer has written, in tables of any size', async () => {
    const lists = fc.array(fc.array(fc.integer({ min: -5, max: 5 }), { maxLength: 4 }), {
      minLength: 1,
      maxLength: 40,
    });
    const sizes = fc.record({
      rowGroupSize: fc.integer({ min: 1, max: 50 }),
      pageSize: fc.constantFrom(16, 1_000_000),
    });
    await fc.assert(
      fc.asyncProperty(lists, sizes, fc.integer({ min: 1, max: 50 }), async (data, options, batchSize) => {
        const schema = [
          { name: 'root', num_children: 1 },
          { name: 'list', repetition_type: 'OPTIONAL', num_children: 1, converted_type: 'LIST' },
          { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
          { name: 'element', repetition_type: 'OPTIONAL', type: 'INT32' },
        ] as const;
        const bytes = parquetBytes([{ name: 'list', data }], { ...options, schema: [...schema] });
        const tables = await all(fromParquet(STORED, { store: storeOf(bytes), batchSize }));
        const rowSplits = data.reduce<number[]>((splits, list) => [...splits, (splits.at(-1) ?? 0) + list.length], [0]);
        expect(joined(tables)).toEqual(new Map([['list', { dtype: 'int32', values: data.flat(), rowSplits }]]));
      }),
      { numRuns: 60 },
    );
  });
});
