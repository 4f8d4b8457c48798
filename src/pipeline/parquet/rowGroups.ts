import { columnArray } from '../../formats/parquet/columnArray.js';
import type { ColumnPlan, PlannedColumn } from '../../formats/parquet/columnPlan.js';
import { joinRows, type ColumnArrays, type RowRun } from '../../formats/parquet/joinRows.js';
import { placed } from '../../formats/parquet/parquetFault.js';
import { setProperty } from '../../base/setProperty.js';
import { DEFAULT_READING } from '../../stores/storeBytes.js';
import type { BlockFile } from '../lanes/blockFiles.js';
import type { RowFormat, RowGroupReader } from '../lanes/blockFormat.js';
import {
  MAX_TAIL_BYTES,
  openRangeFile,
  rangeOfChunk,
  readFooter,
  type RowGroupFacts,
  type ParquetFooter,
  type RangeFile,
} from './parquetFile.js';
import { readGroup, type GroupTask } from './readTables.js';

/** The row groups of Parquet files as blocks. */
export function rowGroups(newPlan: () => ColumnPlan, tableOf: (table: ColumnArrays) => unknown): RowFormat {
  return {
    facts: { format: 'Parquet' },
    blocksOf: async (file, signal) => {
      const { groups } = await openFooter(file, signal);
      return Array.from(groups, ([byteOffset, { group }]) => [byteOffset, Number(group.num_rows)] as const);
    },
    open: async (first, signal) => {
      const reader = new GroupReader(newPlan());
      const empty = emptyTable((await reader.open(first, signal)).columns);
      return {
        read: (file, byteOffset, stop) => reader.read(file, byteOffset, stop),
        itemOf: (rows: readonly RowRun[]) =>
          tableOf(joinRows(rows.length === 0 ? [{ table: empty, start: 0, end: 0 }] : rows)),
      } satisfies RowGroupReader;
    },
  };
}

type FoundGroup = Pick<GroupTask, 'row' | 'index' | 'group'>;

interface Footer extends Pick<ParquetFooter, 'leaves'> {
  readonly source: RangeFile;
  /** The row groups that have rows, by their byte offset. */
  readonly groups: ReadonlyMap<number, FoundGroup>;
}

const MIN_TAIL_BYTES = 8 * 1024;

/** Each owner reads the footers of its files in each epoch, so the size of a read depends on the size of the file. */
function tailBytesOf({ byteLength }: RangeFile): number {
  return Math.min(MAX_TAIL_BYTES, Math.max(MIN_TAIL_BYTES, Math.ceil(byteLength / 1024)));
}

async function openFooter(file: BlockFile, signal: AbortSignal): Promise<Footer> {
  const { path } = file;
  const source = await openRangeFile(file, DEFAULT_READING, signal);
  return placed({ path }, async () => {
    const { leaves, groups } = await readFooter(source, tailBytesOf(source));
    let row = 0;
    const found = groups.flatMap((group, index): [number, FoundGroup][] => {
      if (group.num_rows === 0n) return [];
      const starts = leaves.map(({ name }, leaf) => rangeOfChunk(group, { name, index: leaf }, source).start);
      const place = { row, index, group };
      row += Number(group.num_rows);
      return [[starts.reduce((one, other) => Math.min(one, other)), place]];
    });
    return { source, leaves, groups: new Map(found.sort(([one], [other]) => one - other)) };
  });
}

interface OpenFile extends Pick<Footer, 'source' | 'groups'> {
  readonly columns: readonly PlannedColumn[];
}

/** Keeps the positions of the planned columns in all files that were read. */
class GroupReader {
  readonly #plan: ColumnPlan;
  readonly #files = new Map<BlockFile, Promise<OpenFile>>();

  constructor(plan: ColumnPlan) {
    this.#plan = plan;
  }

  open(file: BlockFile, signal: AbortSignal): Promise<OpenFile> {
    const opened = this.#files.get(file) ?? this.#open(file, signal);
    this.#files.set(file, opened);
    return opened;
  }

  async read(file: BlockFile, byteOffset: number, signal: AbortSignal): Promise<ColumnArrays | undefined> {
    const { source, groups, columns } = await this.open(file, signal);
    const found = groups.get(byteOffset);
    if (!found) return undefined;
    const { runs } = await readGroup(source, { ...found, path: file.path, columns, signal }, undefined);
    return runs[0]?.table;
  }

  async #open(file: BlockFile, signal: AbortSignal): Promise<OpenFile> {
    const { source, leaves, groups } = await openFooter(file, signal);
    const columns = await placed({ path: file.path }, () => this.#plan.columnsOf(leaves));
    const planned = new Set(columns.map(({ index }) => index));
    const kept = Array.from(groups, ([byteOffset, { group, ...place }]): [number, FoundGroup] => {
      return [byteOffset, { ...place, group: withoutStatistics(group, planned) }];
    });
    return { source, columns, groups: new Map(kept) };
  }
}

/** Most of the memory of a footer is statistics and the columns that are not read. */
function withoutStatistics({ num_rows, columns }: RowGroupFacts, planned: ReadonlySet<number>): RowGroupFacts {
  const kept = columns.map(({ meta_data: meta }, index) => {
    if (!meta || !planned.has(index)) return {};
    const {
      codec,
      num_values,
      data_page_offset,
      dictionary_page_offset: dictionary = 0n,
      total_compressed_size,
    } = meta;
    return {
      meta_data: { codec, num_values, data_page_offset, dictionary_page_offset: dictionary, total_compressed_size },
    };
  });
  return { num_rows, columns: kept };
}

function emptyTable(columns: readonly PlannedColumn[]): ColumnArrays {
  const table: ColumnArrays = {};
  const decoded = { parts: [], definitions: new Uint8Array(0), repetitions: new Uint8Array(0) };
  const rules = { rows: 0, onBadRow: () => undefined };
  for (const column of columns) setProperty(table, column.name, columnArray(column, decoded, rules));
  return table;
}
