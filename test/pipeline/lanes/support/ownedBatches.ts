import { map, type Observable } from 'rxjs';
import { globalBatches } from '../../../../src/pipeline/lanes/globalBatches.js';
import type { DatasetIndex } from '../../../../src/pipeline/lanes/datasetIndex.js';
import type { WorkerPlace } from '../../../../src/workers/crossing/protocol.js';

export interface OwnedData {
  readonly patterns: string;
  readonly index: DatasetIndex;
  /** This host, whose threads are owners. */
  readonly host: WorkerPlace;
}

/** Runs in threads. Each thread of each host is an owner. */
export function pipeline({ patterns, index, host }: OwnedData, thread: WorkerPlace): Observable<readonly string[]> {
  const owner = { count: host.count * thread.count, index: host.index * thread.count + thread.index };
  const order = { seed: 7, globalBatchSize: 12, lanes: 6, windowBlocks: 2 };
  return globalBatches(patterns, { recordFormat: 'TFRecord', index, owner, ...order }).pipe(
    map((records) => records.map((record) => Buffer.from(record).toString())),
  );
}
