import { nearestName } from '../../base/nearestName.js';
import { quote } from '../../base/showValue.js';
import type { CsvValue } from '../csv/csvValue.js';
import { requireSize } from './checkTableOptions.js';
import { inferDType } from './inferDType.js';
import { OTHER_KIND, type NumberRow } from './scanNumbers.js';
import { ColumnBuilder } from './columnBuilder.js';
import { valueOfDefault, valueOfText, type TableDType } from './tableDType.js';
import type { CheckedTableOptions } from './tableOptions.js';

export interface TablePlan {
  readonly names: readonly string[];
  /** The column of each field, or `undefined` for a field that is not selected. */
  readonly columnOf: readonly (ColumnBuilder | undefined)[];
  readonly columns: readonly ColumnBuilder[];
  readonly row: NumberRow;
}

/** The dtypes of the columns in the first file of a decoder. All later files must have the same dtypes. */
export type KnownDTypes = Map<string, TableDType>;

export interface PlanInput {
  readonly names: readonly string[];
  readonly options: CheckedTableOptions;
  readonly known: KnownDTypes;
  /** Returns the texts of the non-empty fields of a column in the first rows. */
  readonly textsOf: (name: string) => readonly string[];
  /** Throws a FormatError with the position of the header. */
  readonly fail: (message: string) => never;
}

/** @throws ConfigError if the table has too many values. */
export function planTable({ names, options, known, textsOf, fail }: PlanInput): TablePlan {
  const { batchSize, columns: declared } = options;
  const selected = options.select ?? (known.size > 0 ? [...known.keys()] : inOrder(names, declared));
  requireSize(selected.length, batchSize);
  checkNames(names, selected, options, fail);
  const numbers = new Float64Array(selected.length * batchSize);
  // If a number may mean a missing value, scanNumbers cannot read it.
  const hasNumbers = options.naValues.some((text) => valueOfText('float64', text) !== undefined);
  // A file without rows has no values to infer dtypes from, so it does not set the dtypes of later files.
  const areFinal =
    selected.some((name) => textsOf(name).length > 0) || selected.every((name) => Object.hasOwn(declared, name));
  const columns = selected.map((name, index) => {
    const column = Object.hasOwn(declared, name) ? declared[name] : undefined;
    const { dtype = known.get(name) ?? inferDType(textsOf(name)), ...given } =
      typeof column === 'string' ? { dtype: column } : (column ?? {});
    if (areFinal) known.set(name, dtype);
    const value = defaultOf(dtype, 'default' in given ? given.default : undefined);
    const start = index * batchSize;
    const kind = hasNumbers ? OTHER_KIND : undefined;
    return new ColumnBuilder({
      name,
      dtype,
      kind,
      default: value,
      start,
      numbers: numbers.subarray(start, start + batchSize),
    });
  });
  return followHeader(names, columns, { numbers, delimiter: options.delimiter.charCodeAt(0), row: 0, field: 0 });
}

/** Returns the declared columns first. So if all columns are declared, the order does not depend on the file. */
function inOrder(names: readonly string[], declared: object): readonly string[] {
  const known = Object.keys(declared);
  const isDeclared = new Set(known);
  return [...known, ...names.filter((name) => !isDeclared.has(name))];
}

/** Returns a plan for the same columns if the fields have a different order. */
export function reorder({ columns, row }: TablePlan, names: readonly string[]): TablePlan {
  return followHeader(names, columns, row);
}

function followHeader(
  names: readonly string[],
  columns: readonly ColumnBuilder[],
  row: Omit<NumberRow, 'kinds' | 'starts'>,
): TablePlan {
  const columnsByName = new Map(columns.map((column) => [column.name, column]));
  const columnOf = names.map((name) => columnsByName.get(name));
  const kinds = Uint8Array.from(columnOf, (column) => column?.kind ?? OTHER_KIND);
  const starts = Int32Array.from(columnOf, (column) => column?.start ?? 0);
  // No spread, because V8 would make a separate hidden class, and reading the object for each row would be slow.
  const { numbers, delimiter } = row;
  return { names, columnOf, columns, row: { numbers, delimiter, kinds, starts, row: row.row, field: 0 } };
}

/** Calls `fail` if a wanted column is missing or occurs twice, or if there is an unexpected column. */
export function checkNames(
  names: readonly string[],
  selected: readonly string[],
  {
    columns,
    select,
    columnNames,
    label,
  }: Pick<CheckedTableOptions, 'select' | 'columnNames' | 'label'> & { readonly columns: object },
  fail: (message: string) => never,
): void {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  for (const name of [...selected, ...Object.keys(columns), ...(label === undefined ? [] : [label])]) {
    const count = counts.get(name) ?? 0;
    if (count > 1) fail(`the column ${quote(name)} occurs twice: leave out this column with the option "select"`);
    if (count === 1) continue;
    const near = nearestName(name, names);
    const shown = names.map((other) => quote(other)).join(', ');
    const other = names.length === 1 ? /[;,\t|]/.exec(names[0] ?? '')?.[0] : undefined;
    const header =
      other !== undefined
        ? `; if ${quote(other)} separates the columns, set delimiter: ${quote(other)}`
        : columnNames
          ? ''
          : '; if this line is not a header, name the columns with the option "columnNames"';
    fail(
      `there is no column ${quote(name)}: ${near === undefined ? `found ${shown}${header}` : `did you mean ${quote(near)}? Found ${shown}`}`,
    );
  }
  const chosen = new Set(selected);
  const added = select ? undefined : names.find((name) => !chosen.has(name));
  if (added !== undefined) {
    fail(
      `this file has the column ${quote(added)}, which an earlier file did not have: set the option "select" to the ` +
        'columns that you need',
    );
  }
}

function defaultOf(dtype: TableDType, value?: number | bigint | boolean | string): CsvValue | undefined {
  if (value !== undefined) return valueOfDefault(dtype, value);
  return dtype === 'string' ? new Uint8Array(0) : undefined;
}
