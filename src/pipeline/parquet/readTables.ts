import { setImmediate } from 'node:timers/promises';
import { lastValueFrom, of } from 'rxjs';
import type { JudgeBadRecord } from '../../../operators/shared/badRecords.js';
import { setProperty } from '../../base/setProperty.js';
import { columnArray } from '../../formats/parquet/columnArray.js';
import type { ColumnPlan, PlannedColumn } from '../../formats/parquet/columnPlan.js';
import { decodeColumn } from '../../formats/parquet/decodeColumn.js';
import { RowBatches, rowsOf, type ColumnArrays, type RowRun } from '../../formats/parquet/joinRows.js';
import { decoding, parquetFault, placed, placedFault } from '../../formats/parquet/parquetFault.js';
import type { FileTask } from '../records/fileReader.js';
import { decompressorOf, loadHyparquet } from './hyparquet.js';
import { openRangeFile, rangeOfChunk, readFooter, type RowGroupFacts, type RangeFile } from './parquetFile.js';

/** The size of the samples in cursors. */
const SAMPLE_BYTES = 4096;

interface TableReading {
  readonly plan: ColumnPlan;
  readonly batchSize: number | undefined;
  /** Decides whether to skip a row without a value. If `undefined`, such a row is an error. */
  readonly judge: JudgeBadRecord | undefined;
  readonly signal: AbortSignal;
}

/**
 * Reads the tables of a file. Memory: the columns of one row group, and the remaining rows of the previous row group.
 */
export async function* readTables(
  { file, reading, input, mark }: FileTask,
  { plan, batchSize, judge, signal }: TableReading,
): AsyncGenerator<ColumnArrays, undefined> {
  const { path } = file;
  const source = await openRangeFile(file, reading, signal);
  const { leaves, groups } = await placed({ path }, () => readFooter(source));
  const columns = await placed({ path }, () => plan.columnsOf(leaves));
  const batches = new RowBatches(batchSize);
  let end = 0;
  let nextRow = mark?.recordIndex ?? 0;
  for (const [index, group] of groups.entries()) {
    const row = end;
    end += Number(group.num_rows);
    if (end <= Math.max(nextRow, row)) continue;
    const { runs, bytes, byteOffset } = await readGroup(source, { path, row, index, group, columns, signal }, judge);
    if (mark && input && row <= mark.recordIndex) await lastValueFrom(of(bytes).pipe(input.compareMarked(mark)));
    let isMarked = false;
    const skipped = nextRow - row;
    for (const table of batches.add(runs.map((run) => ({ ...run, start: Math.max(run.start, skipped) })))) {
      if (!isMarked && nextRow >= row) {
        input?.markChunk({ next: { byteOffset, recordIndex: nextRow }, bytes, byteOffset });
        isMarked = true;
      }
      nextRow += rowsOf(table);
      yield table;
    }
  }
  yield* batches.end();
  return undefined;
}

export interface GroupTask {
  readonly path: string;
  /** The number of rows of the file before the row group. */
  readonly row: number;
  /** The index of the row group in the file. */
  readonly index: number;
  readonly group: RowGroupFacts;
  readonly columns: readonly PlannedColumn[];
  readonly signal: AbortSignal;
}

/**
 * Returns the rows and, for cursors, the first bytes. All other bytes can be garbage-collected before the tables are
 * emitted.
 */
export async function readGroup(source: RangeFile, task: GroupTask, judge: JudgeBadRecord | undefined) {
  const { path, row, index, group, columns } = task;
  const ranges = await placed({ path, row, group: index }, () =>
    columns.map((column) => rangeOfChunk(group, column, source)),
  );
  const chunks = await source.read(ranges);
  const [{ start: byteOffset } = { start: 0 }] = ranges;
  const bytes = Uint8Array.from(chunks[0]?.subarray(0, SAMPLE_BYTES) ?? []);
  return { runs: await decodeGroup(task, chunks, judge), bytes, byteOffset };
}

async function decodeGroup(
  { path, row, index: groupIndex, group, columns, signal }: GroupTask,
  chunks: readonly Uint8Array[],
  judge: JudgeBadRecord | undefined,
): Promise<readonly RowRun[]> {
  const { parquetRead } = await loadHyparquet();
  const rows = Number(group.num_rows);
  const table: ColumnArrays = {};
  const badRows = new Set<number>();
  for (const [at, column] of columns.entries()) {
    // Lets other work of the event loop run between two columns.
    await setImmediate(undefined, { signal });
    const { name, index, leaf } = column;
    const { codec, num_values: values = 0n, data_page_offset } = group.columns[index]?.meta_data ?? {};
    const place = { path, column: name, group: groupIndex, byteOffset: Number(data_page_offset ?? 0n), row };
    const onBadRow = (rowOfGroup: number, reason: string): void => {
      // A row can be bad in several columns, and in several elements of a list.
      if (badRows.has(rowOfGroup)) return;
      const error = placedFault(parquetFault(reason), { ...place, row: row + rowOfGroup });
      if (!judge) throw error;
      judge(error, 0);
      badRows.add(rowOfGroup);
    };
    await placed(place, async () => {
      const decompress = await decompressorOf(codec);
      const chunk = { bytes: chunks[at] ?? new Uint8Array(0), valueCount: Number(values), decompress };
      const decoded = await decoding('a page', () => decodeColumn(parquetRead, leaf, chunk));
      setProperty(table, name, columnArray(column, decoded, { rows, onBadRow }));
    });
  }
  const runs: RowRun[] = [];
  let start = 0;
  for (const end of [...badRows].sort((one, other) => one - other).concat(rows)) {
    if (start < end) runs.push({ table, start, end });
    start = end + 1;
  }
  return runs;
}
