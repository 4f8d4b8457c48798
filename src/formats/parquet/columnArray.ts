import {
  allocate,
  uncheckedArray,
  type DataOf,
  type DType,
  type NDArray,
  type RaggedArray,
} from '../../arrays/ndarray.js';
import type { PlannedColumn } from './columnPlan.js';
import { moveElements, joinValues } from './convertValues.js';
import type { DecodedColumn } from './decodeColumn.js';
import { parquetFault } from './parquetFault.js';

/** Called for a row without a value. If the function returns, the row is left out. */
export type OnBadRow = (row: number, reason: string) => void;

export interface NullRules {
  readonly rows: number;
  readonly onBadRow: OnBadRow;
}

const NULL_REMEDY = 'set a default for the column, or read the rows with fromParquet and onBadRecord: "skip"';

/** @throws FormatError if the column and its row group have different numbers of rows. */
export function columnArray(column: PlannedColumn, decoded: DecodedColumn, rules: NullRules): NDArray | RaggedArray {
  const { dtype, leaf } = column;
  const { rows, onBadRow } = rules;
  const present = joinValues(decoded.parts, dtype);
  if (leaf.maxRepetition === 0) {
    const data = fillNulls(column, present, decoded.definitions, (row) =>
      onBadRow(row, `the value is null: ${NULL_REMEDY}`),
    );
    requireRows(data.length, rows);
    return uncheckedArray<DType>(dtype, [rows], data);
  }
  const { rowSplits, levels } = splitRows(column, decoded, rules);
  let row = 0;
  // The nulls come in order, so the search for the row continues at the row of the last null.
  const data = fillNulls(column, present, levels, (at) => {
    while ((rowSplits[row + 1] as number) <= at) row++;
    onBadRow(row, `an element of the list is null: ${NULL_REMEDY}`);
  });
  return { values: uncheckedArray<DType>(dtype, [data.length], data), rowSplits };
}

function requireRows(found: number, rows: number): void {
  if (found !== rows) throw parquetFault(`the row group has ${rows} rows, but this column has ${found}`);
}

/** @param levels - the definition levels of the values and nulls. Empty if the column has no nulls. */
function fillNulls(
  { dtype, leaf, fallback }: PlannedColumn,
  present: DataOf[DType],
  levels: Uint8Array,
  onNull: (at: number) => void,
): DataOf[DType] {
  if (levels.length === 0 || levels.length === present.length) return present;
  const filled = allocate(dtype, levels.length);
  if (fallback !== undefined) (filled as unknown[]).fill(fallback);
  const positions = new Uint32Array(present.length);
  let next = 0;
  for (let at = 0; at < levels.length; at++) {
    if (levels[at] === leaf.maxDefinition) positions[next++] = at;
    else if (fallback === undefined) onNull(at);
  }
  moveElements(filled, present, { positions });
  return filled;
}

/** Returns the starts of the rows, and the definition levels of the elements of all lists. */
function splitRows(
  { leaf, fallback }: PlannedColumn,
  { definitions, repetitions }: DecodedColumn,
  { rows, onBadRow }: NullRules,
): { readonly rowSplits: Int32Array; readonly levels: Uint8Array } {
  // Each row has a level, so a damaged number of rows cannot cause a larger allocation.
  if (definitions.length < rows) requireRows(definitions.length, rows);
  const rowSplits = new Int32Array(rows + 1);
  const levels = new Uint8Array(definitions.length);
  let row = 0;
  let length = 0;
  for (let at = 0; at < definitions.length; at++) {
    if (repetitions[at] === 0) row++;
    else if (row === 0) throw parquetFault('the first value of the row group continues an earlier row');
    const level = definitions[at] as number;
    if (level >= leaf.listDefinition) levels[length++] = level;
    else if (level < leaf.listDefinition - 1 && fallback === undefined) {
      onBadRow(row - 1, `the list is null: ${NULL_REMEDY}`);
    }
    rowSplits[row] = length;
  }
  requireRows(row, rows);
  return { rowSplits, levels: levels.subarray(0, length) };
}
