import { map, type Observable } from 'rxjs';
import { globalBatches } from '../../../../src/pipeline/lanes/globalBatches.js';
import type { DatasetIndex } from '../../../../src/pipeline/lanes/datasetIndex.js';
import type { WorkerPlace } from '../../../../src/workers/crossing/protocol.js';

export interface OwnedData {
  readonly patterns: string;
  readonly index: DatasetIndex | string;
  /** The number of all owners, and the first owner of this host, whose threads are owners. */
  readonly owners: { readonly count: number; readonly first: number };
}

/** Runs in threads. Each thread of each host is an owner. */
export function pipeline(
  { patterns, index, owners }: OwnedData,
  thread: WorkerPlace = { count: 1, index: 0 },
): Observable<readonly string[]> {
  const owner = { count: owners.count, index: owners.first + thread.index };
  const order = { seed: 7, globalBatchSize: 48, lanes: 16, windowBlocks: 2 };
  return globalBatches(patterns, { recordFormat: 'TFRecord', index, owner, ...order }).pipe(
    map((records) => records.map((record) => Buffer.from(record).toString())),
  );
}
