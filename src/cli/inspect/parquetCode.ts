import type { ParquetLeaf } from '../../formats/parquet/parquetLeaves.js';
import type { ParquetColumn } from '../../formats/parquet/parquetTypes.js';
import { filesOf, isInS3, keyOf, literal, type CodeInputs } from './csvCode.js';

export interface ParquetColumnFacts extends ParquetLeaf {
  /**
   * The number of nulls. `undefined` if a file does not contain this number. In a column of lists, this number includes
   * empty lists.
   */
  readonly nulls: number | undefined;
}

interface ProposedOptions {
  readonly batchSize: number;
  readonly select?: readonly string[];
  readonly columns?: Readonly<Record<string, ParquetColumn>>;
}

/** Leaves out lists of lists, and columns with equal names, because `fromParquet` cannot read them. */
export function readableColumns(all: readonly ParquetColumnFacts[]): readonly ParquetColumnFacts[] {
  const names = all.map(({ name }) => name);
  return all.filter(({ name, maxRepetition }) => maxRepetition <= 1 && names.indexOf(name) === names.lastIndexOf(name));
}

/** Returns options of `fromParquet` that can read the {@link readableColumns}. */
export function parquetOptions(all: readonly ParquetColumnFacts[]): ProposedOptions {
  const readable = readableColumns(all);
  const columns = readable.flatMap((column) => {
    const option = optionOf(column);
    // Options cannot contain the name `__proto__`.
    return option === undefined || column.name === '__proto__' ? [] : [[column.name, option] as const];
  });
  return {
    batchSize: 64,
    ...(readable.length < all.length && { select: readable.map(({ name }) => name) }),
    ...(columns.length > 0 && { columns: Object.fromEntries(columns) }),
  };
}

const EXACT_IN_FLOAT32: readonly string[] = ['float32', 'int8', 'int16', 'uint8', 'uint16'];

/**
 * Nulls of numbers become NaN, and nulls of times become 0. The default is the text `nan`, because JSON cannot represent
 * NaN.
 */
function optionOf({ dtype, typeName, maxRepetition, nulls }: ParquetColumnFacts): ParquetColumn | undefined {
  const ragged = maxRepetition === 0 ? undefined : ({ kind: 'ragged' } as const);
  if (nulls === 0) return ragged;
  if (dtype === 'bytes') return { ...ragged, default: '' };
  if (dtype === 'bool') return { ...ragged, default: false };
  if (/^(date|time|int96)/.test(typeName)) return { ...ragged, default: 0 };
  return { ...ragged, dtype: EXACT_IN_FLOAT32.includes(dtype) ? 'float32' : 'float64', default: 'nan' };
}

export function parquetCode(
  columns: readonly ParquetColumnFacts[],
  inputs: Pick<CodeInputs, 'paths' | 'patterns'>,
): string[] {
  const { batchSize, select, columns: declared = {} } = parquetOptions(columns);
  const entries = Object.entries(declared).map(([name, column]) => `    ${keyOf(name)}: ${literal(column)},`);
  return [
    ...(isInS3(inputs) ? ["import { S3Client } from '@aws-sdk/client-s3';"] : []),
    "import { fromParquet } from 'millrace/parquet';",
    ...(isInS3(inputs) ? ["import { s3Store } from 'millrace/s3';"] : []),
    '',
    `const batches$ = fromParquet(${filesOf(inputs)}, {`,
    `  batchSize: ${batchSize},`,
    ...(select ? [`  select: ${literal(select)},`] : []),
    ...(entries.length > 0 ? ['  columns: {', ...entries, '  },'] : []),
    ...(isInS3(inputs) ? ['  store: s3Store(new S3Client({})),'] : []),
    '});',
  ];
}
