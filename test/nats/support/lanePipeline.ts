/** The pipeline of a test: a split is a lane of `globalBatches`. */
import { map } from 'rxjs';
import type { DatasetIndex } from '../../../src/pipeline/lanes/datasetIndex.js';
import { globalBatches } from '../../../src/pipeline/lanes/globalBatches.js';
import type { SplitPlace } from '../../../src/workers/crossing/protocol.js';

export interface LaneData {
  readonly files: string;
  readonly index: DatasetIndex;
  readonly lanes: number;
  readonly seed: number;
}

export const pipeline = ({ files, index, lanes, seed }: LaneData, { split, epoch }: SplitPlace) =>
  globalBatches(files, {
    ...{ recordFormat: 'TextLine', index, lanes },
    ...{ seed: seed + epoch, globalBatchSize: 8 * lanes, windowBlocks: 2 },
    owner: { count: lanes, index: split as number },
  }).pipe(map((lines) => lines.map((line) => Buffer.from(line).toString())));
