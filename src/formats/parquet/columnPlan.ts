import { quote, quoteNames, showValue } from '../../base/showValue.js';
import type { DType } from '../../arrays/ndarray.js';
import { tableDTypeSchema, valueOfDefault, type TableDType } from '../table/tableDType.js';
import { checkNames } from '../table/tablePlan.js';
import { convertValues } from './convertValues.js';
import { parquetFault } from './parquetFault.js';
import type { ParquetLeaf } from './parquetLeaves.js';
import type { CheckedParquetOptions } from './parquetFormat.js';

/** A column of the tables. */
export interface PlannedColumn {
  readonly name: string;
  /** The index of this column's chunk in each row group. */
  readonly index: number;
  readonly leaf: ParquetLeaf;
  readonly dtype: DType;
  /** The value of nulls, or `undefined` if a null is an error. */
  readonly fallback: number | bigint | Uint8Array | undefined;
}

/** Plans the columns of files. The first file sets the names and types of the columns for all later files. */
export class ColumnPlan {
  readonly #options: CheckedParquetOptions;
  #names: readonly string[] | undefined;
  readonly #types = new Map<string, string>();

  constructor(options: CheckedParquetOptions) {
    const { select, label } = options;
    this.#options = options;
    if (select) this.#names = label === undefined ? select : [...new Set([...select, label])];
  }

  /** @throws FormatError if the file does not have the columns. */
  columnsOf(leaves: readonly ParquetLeaf[]): readonly PlannedColumn[] {
    const names = leaves.map(({ name }) => name);
    this.#names ??= names;
    const struct = this.#names.find(
      (name) => !names.includes(name) && names.some((each) => each.startsWith(`${name}.`)),
    );
    if (struct !== undefined) {
      const fields = names.filter((name) => name.startsWith(`${struct}.`));
      throw parquetFault(`column ${quote(struct)} has fields: select the fields instead: ${quoteNames(fields)}`);
    }
    checkNames(names, this.#names, { ...this.#options, columnNames: [] }, (message) => {
      throw parquetFault(message);
    });
    return this.#names.map((name) => {
      const index = names.indexOf(name);
      return this.#plan(leaves[index] as ParquetLeaf, index);
    });
  }

  #plan(leaf: ParquetLeaf, index: number): PlannedColumn {
    const { name, maxRepetition } = leaf;
    const { columns } = this.#options;
    const column = Object.hasOwn(columns, name) ? columns[name] : undefined;
    const { dtype, default: given, kind } = typeof column === 'string' ? { dtype: column } : (column ?? {});
    const fail = (message: string): never => {
      throw parquetFault(`column ${quote(name)}: ${message}`);
    };
    if (maxRepetition > 1) fail('lists of lists are not supported: leave out the column with the option "select"');
    if (kind === 'ragged' && maxRepetition === 0) fail('expected lists (kind: "ragged"), found one value in each row');
    if (column && kind === undefined && maxRepetition > 0) fail('found lists: add kind: "ragged" to the column');
    const found = dtype === 'string' ? 'bytes' : (dtype ?? leaf.dtype);
    if ((found === 'bytes') !== (leaf.dtype === 'bytes')) fail(`${leaf.typeName} cannot be read as ${dtype}`);
    const type = typeInAllFiles(leaf, dtype);
    const first = this.#types.get(name) ?? type;
    if (type !== first) {
      fail(`found ${type}, but an earlier file has ${first}: if both are numbers, declare the dtype in "columns"`);
    }
    this.#types.set(name, type);
    return { name, index, leaf, dtype: found, fallback: fallbackOf(found, given, fail) };
  }
}

/** A declared dtype makes numbers of different types equal, but not times in different units. */
function typeInAllFiles({ dtype, typeName, maxRepetition }: ParquetLeaf, declared: TableDType | undefined): string {
  if (dtype === 'bytes') return dtype;
  if (declared !== undefined && !/^(date|time|int96)/.test(typeName)) return declared;
  return maxRepetition === 0 ? typeName : `lists of ${typeName}`;
}

function fallbackOf(
  dtype: DType,
  given: number | bigint | boolean | string | undefined,
  fail: (message: string) => never,
): PlannedColumn['fallback'] {
  if (given === undefined) return undefined;
  const parsed = tableDTypeSchema().safeParse(dtype === 'bytes' ? 'string' : dtype).data ?? 'int64';
  const value = valueOfDefault(parsed, given);
  if (value === undefined) {
    const remedy = typeof given === 'number' ? ', or declare the dtype "float64"' : '';
    fail(`the default ${showValue(given)} is not a value of ${dtype}: choose a different default${remedy}`);
  }
  return dtype === 'bytes' ? value : convertValues([value], dtype)[0];
}
