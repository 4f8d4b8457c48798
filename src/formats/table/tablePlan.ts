import { nearestName } from '../../base/nearestName.js';
import { ConfigError } from '../../base/errors.js';
import { quote } from '../../base/showValue.js';
import type { CsvValue } from '../csv/csvValue.js';
import { inferDType } from './inferDType.js';
import { OTHER_KIND, type NumberRow } from './scanNumbers.js';
import { ColumnBuilder, valueOfText } from './columnBuilder.js';
import type { CheckedTableOptions, TableDType } from './tableOptions.js';

/** How to read the rows that follow a header. */
export interface TablePlan {
  /** The names of the fields of a row. */
  readonly names: readonly string[];
  /** The column of each field, or `undefined` for a field that is not selected. */
  readonly columnOf: readonly (ColumnBuilder | undefined)[];
  /** The columns of the table. */
  readonly columns: readonly ColumnBuilder[];
  readonly row: NumberRow;
}

/** The dtypes of the columns in the first file. All files of a decoder share them. */
export type KnownDTypes = Map<string, TableDType>;

export interface PlanInput {
  readonly names: readonly string[];
  readonly options: CheckedTableOptions;
  readonly known: KnownDTypes;
  /** Returns the texts of a column in the first rows, without the empty ones. */
  readonly textsOf: (name: string) => readonly string[];
  /** Throws an error at the header. */
  readonly fail: (message: string) => never;
}

/** @throws ConfigError if the default value of a column does not have its dtype. */
export function planTable({ names, options, known, textsOf, fail }: PlanInput): TablePlan {
  const { batchSize, columns: declared } = options;
  const selected = options.select ?? (known.size > 0 ? [...known.keys()] : names);
  checkNames(names, selected, options, fail);
  const numbers = new Float64Array(selected.length * batchSize);
  // Dtypes cannot be inferred from a file without rows.
  const learns =
    selected.some((name) => textsOf(name).length > 0) || selected.every((name) => Object.hasOwn(declared, name));
  const columns = selected.map((name, index) => {
    const column = Object.hasOwn(declared, name) ? declared[name] : undefined;
    const { dtype = known.get(name) ?? inferDType(textsOf(name)), ...given } =
      typeof column === 'string' ? { dtype: column } : (column ?? {});
    if (learns) known.set(name, dtype);
    const value = defaultOf(name, dtype, 'default' in given ? given.default : undefined);
    return new ColumnBuilder(name, dtype, value, numbers.subarray(index * batchSize, (index + 1) * batchSize));
  });
  return followHeader(names, columns, { numbers, delimiter: options.delimiter.charCodeAt(0), row: 0, field: 0 });
}

/** Reads the same columns from fields in another order. */
export function reorder({ columns, row }: TablePlan, names: readonly string[]): TablePlan {
  return followHeader(names, columns, row);
}

function followHeader(
  names: readonly string[],
  columns: readonly ColumnBuilder[],
  row: Omit<NumberRow, 'kinds' | 'starts'>,
): TablePlan {
  const columnOf = names.map((name) => columns.find((column) => column.name === name));
  const kinds = Uint8Array.from(columnOf, (column) => column?.kind ?? OTHER_KIND);
  const starts = Int32Array.from(columnOf, (column) => (column ? columns.indexOf(column) * column.batchSize : 0));
  return { names, columnOf, columns, row: { ...row, kinds, starts } };
}

function checkNames(
  names: readonly string[],
  selected: readonly string[],
  { columns, select, columnNames }: CheckedTableOptions,
  fail: (message: string) => never,
): void {
  for (const name of [...selected, ...Object.keys(columns)]) {
    const count = names.filter((other) => other === name).length;
    if (count > 1) fail(`the column ${quote(name)} occurs twice: choose other columns with the option "select"`);
    if (count === 1) continue;
    const near = nearestName(name, names);
    const shown = names.map((other) => quote(other)).join(', ');
    const header = columnNames ? '' : '; if this line is not a header, name the columns with the option "columnNames"';
    fail(
      `there is no column ${quote(name)}: ${near === undefined ? `found ${shown}${header}` : `did you mean ${quote(near)}?`}`,
    );
  }
  const added = select ? undefined : names.find((name) => !selected.includes(name));
  if (added !== undefined) {
    fail(`the column ${quote(added)} is not in the first file: name the columns to read with the option "select"`);
  }
}

function defaultOf(name: string, dtype: TableDType, value?: number | bigint | boolean | string): CsvValue | undefined {
  if (value === undefined) return dtype === 'string' ? new Uint8Array(0) : undefined;
  const read = valueOfText(dtype, Buffer.from(String(value)).toString('latin1'));
  if (read !== undefined) return read;
  const path = `columns.${name}.default`;
  throw new ConfigError(`decodeTable: ${path}: expected ${dtype}, found ${quote(String(value))}`, { path });
}
