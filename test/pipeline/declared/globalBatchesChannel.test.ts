import { describe, expect, it } from '@jest/globals';
import { firstValueFrom, toArray } from 'rxjs';
import type { NDArray } from '../../../src/arrays/ndarray.js';
import { encodeTFRecord } from '../../../src/formats/tfrecord/encodeTFRecord.js';
import { definePipeline } from '../../../src/pipeline/declared/definePipeline.js';
import { globalBatches } from '../../../src/pipeline/lanes/globalBatches.js';
import { temporaryFolders } from '../../support/temporaryFolder.js';
import { numberedRows } from '../parquet/support/parquetFiles.js';
import { writeFiles } from '../recordFiles.js';

const newFolder = temporaryFolders();
const order = { seed: 3, globalBatchSize: 8, lanes: 4 };

function newFiles(): string {
  const folder = newFolder();
  const frames = Array.from({ length: 50 }, (_, record) => encodeTFRecord(Buffer.from(`${record}`)));
  writeFiles(folder, { 'a.tfrecord': Buffer.concat(frames) });
  return `${folder}/*.tfrecord`;
}

describe('a declared channel with globalBatches', () => {
  it.each([[undefined], [{ count: 3, index: 1 }]])('emits the parts of the owner %p', async (owner) => {
    const files = newFiles();
    const channels = { train: { files, recordFormat: 'TFRecord', globalBatches: order } } as const;
    const parts: Uint8Array[][] = await firstValueFrom(definePipeline({ channels }, { owner }).pipe(toArray()));
    const expected$ = globalBatches(files, { recordFormat: 'TFRecord', ...order, owner });
    expect(parts).toHaveLength(7);
    expect(parts).toEqual(await firstValueFrom(expected$.pipe(toArray())));
  });

  it('has the same owner in a worker', async () => {
    const files = newFiles();
    const channels = { train: { files, recordFormat: 'TFRecord', globalBatches: order } } as const;
    const owner = { count: 3, index: 1 };
    const here = await firstValueFrom(definePipeline({ channels }, { owner }).pipe(toArray()));
    const there = await firstValueFrom(definePipeline({ channels, worker: true }, { owner }).pipe(toArray()));
    expect(there).toEqual(here);
  });

  it('emits tables of the rows of Parquet files', async () => {
    const folder = newFolder();
    writeFiles(folder, { 'a.parquet': numberedRows(20, 6) });
    const columns = { id: 'int32' } as const;
    const train = { files: folder, recordFormat: 'Parquet', columns, globalBatches: order } as const;
    const parts = await firstValueFrom(definePipeline({ channels: { train } }).pipe(toArray()));
    const ids: NDArray<'int32'>[] = parts.map(({ id }) => id);
    expect(ids.map(({ shape }) => shape)).toEqual([[8], [8], [4]]);
    expect(ids.flatMap(({ data }) => [...data]).toSorted((one, other) => one - other)).toEqual(
      Array.from({ length: 20 }, (_, id) => id),
    );
  });

  it.each([
    [{ recordFormat: 'TFRecord', globalBatches: order }, 'train.globalBatches: needs "files"'],
    [{ files: 'data', recordFormat: 'TFRecord', globalBatches: order, shuffleSeed: 1 }, 'train.shuffleSeed: has no'],
    [
      { files: 'data', recordFormat: 'TFRecord', globalBatches: { ...order, lanes: 0 } },
      'globalBatches.lanes: expected',
    ],
    [{ files: 'data', recordFormat: 'Parquet', globalBatches: order, batchSize: 4 }, 'train.batchSize: has no effect'],
    [{ files: 'data', recordFormat: 'Parquet', globalBatches: order, onBadRecord: 'skip' }, 'cannot skip bad records'],
    [{ files: 'data', recordFormat: 'WholeFile', globalBatches: order }, 'unknown key "globalBatches"'],
  ] as const)('refuses %j', (train, message) => {
    expect(() => definePipeline({ channels: { train } })).toThrow(message);
  });
});
