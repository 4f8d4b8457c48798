import { describe, expect, it } from '@jest/globals';
import type { NDArray } from '../../../src/arrays/ndarray.js';
import { FormatError } from '../../../src/base/errors.js';
import { tableFormat } from '../../../src/formats/table/tableFormat.js';
import type { TableColumns, TableOptions } from '../../../src/formats/table/tableOptions.js';
import { fixtureJson } from '../support/fixtures.js';
import { readAll } from '../support/readAll.js';

type Columns = Readonly<Record<string, { readonly dtype: string; readonly values: readonly unknown[] }>>;
type Result = { readonly ok: Columns } | { readonly error: string };

interface Case {
  readonly name: string;
  readonly files: readonly string[];
  readonly columns: TableColumns;
  readonly options: Partial<TableOptions>;
  readonly results: Readonly<Record<string, Result>>;
}

/** The deliberate differences, with their reasons. docs/guides/tables.md lists those that users meet. */
const DIFFERENCES: Readonly<Record<string, string>> = {
  'quoted fields, tensorflow': 'An empty field of a string column needs no default.',
  'byte order mark, tensorflow': 'A byte order mark is not a part of the first name.',
  'blank lines, tensorflow': 'Blank lines are skipped.',
  'a missing number without a default, pandas': 'A missing number is an error unless the column has a default.',
  'columns in another order in the second file, tensorflow': 'Columns are found by name in each file.',
};

const { cases } = fixtureJson('table/cases.json') as { readonly cases: readonly Case[] };
const trials = cases.flatMap((golden) =>
  Object.entries(golden.results).map(([reference, result]) => ({ ...golden, reference, result })),
);

function valueOf(value: number | bigint | Uint8Array, dtype: string): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString();
  if (typeof value === 'bigint' || dtype.startsWith('int')) return String(value);
  if (Number.isFinite(value)) return value;
  return Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf';
}

/** Reads files like a golden result. */
function read({ files, columns, options }: Case): Columns {
  const createReader = tableFormat.readers(
    tableFormat.options().parse({ batchSize: 1000, columns, ...options }) as never,
  );
  const found: Record<string, { readonly dtype: string; readonly values: unknown[] }> = {};
  for (const file of files) {
    const { records, error } = readAll(createReader(), [new Uint8Array(Buffer.from(file))]);
    if (error) throw error;
    for (const item of records) {
      const { label } = options;
      const { xs, ys } = item as { readonly xs: Record<string, NDArray>; readonly ys: NDArray };
      const table = label === undefined ? (item as Record<string, NDArray>) : { ...xs, [label]: ys };
      for (const [name, { dtype, data }] of Object.entries(table)) {
        found[name] ??= { dtype, values: [] };
        found[name].values.push(
          ...Array.from<number | bigint | Uint8Array, unknown>(data as ArrayLike<number>, (value) =>
            valueOf(value, dtype),
          ),
        );
      }
    }
  }
  return found;
}

/** Returns `undefined` if the files cannot be read. */
function outcomeOf(golden: Case): Columns | undefined {
  try {
    return read(golden);
  } catch (error) {
    if (error instanceof FormatError) return undefined;
    throw error;
  }
}

/** Without declared dtypes, the dtypes are left out, because pandas infers others. */
function shown(columns: Columns, isTyped: boolean): unknown {
  const entries = Object.entries(columns).sort(([left], [right]) => (left < right ? -1 : 1));
  return isTyped ? entries : entries.map(([name, { values }]) => [name, values]);
}

describe('tables', () => {
  it.each(trials)('are read as by $reference: $name', ({ reference, result, ...golden }) => {
    const found = outcomeOf(golden);
    const isTyped = Object.keys(golden.columns).length > 0;
    const expected = 'ok' in result ? shown(result.ok, isTyped) : undefined;
    const isDifferent = Object.hasOwn(DIFFERENCES, `${golden.name}, ${reference}`);
    const match = expect(found && shown(found, isTyped));
    if (isDifferent) match.not.toEqual(expected);
    else match.toEqual(expected);
  });

  it('are read as by both references, except for the listed differences', () => {
    const names = trials.map(({ name, reference }) => `${name}, ${reference}`);
    expect(Object.keys(DIFFERENCES).filter((name) => !names.includes(name))).toEqual([]);
  });
});
