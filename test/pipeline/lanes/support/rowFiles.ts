import type { DatasetIndex } from '../../../../src/pipeline/lanes/datasetIndex.js';
import { indexRecords } from '../../../../src/pipeline/lanes/indexRecords.js';
import { parquetRows } from '../../../../src/pipeline/parquet/parquetRows.js';
import { parquetBytes } from '../../parquet/support/parquetFiles.js';
import { MemoryStore } from './memoryStore.js';

export const ALL = 'mem://data/*';

/** The number of rows of a file and of its row groups. */
export interface FileShape {
  readonly rows: number;
  readonly rowGroupSize: number;
}

export interface Dataset {
  readonly store: MemoryStore;
  readonly index: DatasetIndex;
  readonly total: number;
}

const SCHEMA = [
  { name: 'root', num_children: 3 },
  { name: 'id', type: 'INT32', repetition_type: 'REQUIRED' },
  { name: 'name', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'REQUIRED' },
  { name: 'list', repetition_type: 'REQUIRED', num_children: 1, converted_type: 'LIST' },
  { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
  { name: 'element', type: 'INT32', repetition_type: 'REQUIRED' },
] as const;

/** The column `list` of a row. */
export const listOf = (id: number): number[] => Array.from({ length: id % 4 }, (_, at) => id + at);

/** Makes files whose columns all depend on the column `id`, which numbers the rows of all files. */
export async function datasetOf(shapes: readonly FileShape[]): Promise<Dataset> {
  let total = 0;
  const files = shapes.map(({ rows, rowGroupSize }, file) => {
    const ids = Array.from({ length: rows }, () => total++);
    const columns = [
      { name: 'id', data: ids },
      { name: 'name', data: ids.map((id) => `row ${id}`) },
      { name: 'list', data: ids.map(listOf) },
    ];
    return [`part-${file}`, parquetBytes(columns, { rowGroupSize, schema: [...SCHEMA] })] as const;
  });
  const store = new MemoryStore(Object.fromEntries(files));
  const index = await indexRecords(ALL, { recordFormat: parquetRows(), store });
  return { store, index, total };
}
