import type { Observable } from 'rxjs';
import { globalBatches } from '../../../../src/pipeline/lanes/globalBatches.js';
import type { ParquetTable } from '../../../../src/formats/parquet/parquetTypes.js';
import { parquetRows } from '../../../../src/pipeline/parquet/parquetRows.js';
import type { WorkerPlace } from '../../../../src/workers/crossing/protocol.js';

/** Runs in threads. Each thread is an owner of the rows of Parquet files. */
export function pipeline(
  patterns: string,
  owner: WorkerPlace = { count: 1, index: 0 },
): Observable<ParquetTable<{ id: 'int32' }>> {
  const recordFormat = parquetRows({ columns: { id: 'int32' } });
  return globalBatches(patterns, { recordFormat, owner, seed: 7, globalBatchSize: 16, lanes: 4 });
}
