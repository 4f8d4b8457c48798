import { describe, expect, it } from '@jest/globals';
import type { NDArray, RaggedArray } from '../../../src/arrays/ndarray.js';
import { ConfigError } from '../../../src/base/errors.js';
import { definePipeline, type DefinePipelineOptions } from '../../../src/pipeline/declared/definePipeline.js';
import type { PipelineSpec } from '../../../src/pipeline/declared/pipelineSpec.js';
import { TrainingTree } from '../../support/trainingTree.js';
import { temporaryFolders } from '../../support/temporaryFolder.js';
import { writeFiles } from '../recordFiles.js';
import { FolderStore } from '../records/support/folderStore.js';
import { all, numberedRows } from '../parquet/support/parquetFiles.js';

const newFolder = temporaryFolders();
const refusalOf =
  (spec: PipelineSpec, options: DefinePipelineOptions = {}) =>
  () =>
    definePipeline(spec, options);

describe('a declared channel of Parquet files', () => {
  it('emits tables with the declared columns', async () => {
    const folder = newFolder();
    writeFiles(folder, { 'a.parquet': numberedRows(5, 3), 'b.parquet': numberedRows(2, 2, 5) });
    const tables$ = definePipeline({
      channels: {
        train: { files: `${folder}/*.parquet`, recordFormat: 'Parquet', batchSize: 4, columns: { id: 'float32' } },
      },
    });
    const ids: NDArray<'float32'>[] = (await all(tables$)).map((table) => table.id);
    expect(ids.map(({ data }) => [...data])).toEqual([[0, 1, 2, 3], [4], [5, 6]]);
  });

  it('has the types of its options', async () => {
    const tables$ = definePipeline({
      channels: {
        train: {
          files: 'test/fixtures/parquet/pages_v1.parquet',
          recordFormat: 'Parquet',
          select: ['list', 'maybe'],
          columns: { list: { kind: 'ragged', dtype: 'int32' }, maybe: { default: 'nan' }, few: 'int32' },
          label: 'few',
        },
      },
    });
    const [first] = await all(tables$);
    const list: RaggedArray<'int32'> = first!.xs.list;
    const maybe: NDArray = first!.xs.maybe;
    const few: NDArray<'int32'> = first!.ys;
    expect([list.rowSplits.length, maybe.shape, few.shape]).toEqual([121, [120], [120]]);
  });

  it('passes stages, and leaves out rows with nulls', async () => {
    const rows$ = definePipeline({
      channels: {
        train: {
          files: 'test/fixtures/parquet/pages_v1.parquet',
          recordFormat: 'Parquet',
          select: ['id', 'maybe'],
          onBadRecord: 'skip',
          maxBadRecords: 300,
          stages: [{ stage: 'unbatch' }, { stage: 'take', count: 3 }],
        },
      },
    });
    const rows = (await all(rows$)) as { id: NDArray<'int64'> }[];
    expect(rows.map(({ id }) => id.data[0])).toEqual([1n, 2n, 4n]);
  });

  it('reads a given store, but never the network by itself', async () => {
    const folder = newFolder();
    writeFiles(folder, { 'a.parquet': numberedRows(5, 3) });
    const train = { files: 'disk://data/', recordFormat: 'Parquet' } as const;
    expect(await all(definePipeline({ channels: { train } }, { store: new FolderStore(folder) }))).toHaveLength(2);
    const http = refusalOf({ channels: { train: { ...train, files: 'https://example.org/a.parquet' } } });
    expect(http).toThrow('needs a store, and no given store reads this URL: pass store: httpStore()');
  });

  it('reads a channel of a job in File mode, and refuses Pipe mode', async () => {
    const { baseDir } = new TrainingTree(newFolder(), { train: { TrainingInputMode: 'File' } });
    writeFiles(baseDir, { 'input/data/train/a.parquet': numberedRows(5, 3) });
    const spec = { channels: { train: { recordFormat: 'Parquet', batchSize: 4 } } } as const;
    expect(await all(definePipeline(spec, { baseDir }))).toHaveLength(2);
    const piped = new TrainingTree(newFolder()).baseDir;
    await expect(all(definePipeline(spec, { baseDir: piped }))).rejects.toMatchObject({
      code: 'ERR_CHANNEL_MODE',
      message: expect.stringMatching(/Channel train is in Pipe mode.*a Parquet file is read from its end/),
    });
  });

  it.each([
    [{ files: 'a', batchSize: 0 }, 'pipeline: channels.train.batchSize: expected a positive integer, found 0'],
    [
      { files: 'a', compression: 'gzip' },
      'pipeline: channels.train: compression: the pages of Parquet files are compressed, not the files',
    ],
    [{ files: 'a', idleTimeoutMs: 5 }, 'pipeline: channels.train.idleTimeoutMs: has no effect together with "files"'],
    [{ files: 'a', maxBadRecords: 5 }, 'pipeline: channels.train: fromParquet: maxBadRecords has no effect'],
  ])('refuses %j', (options, message) => {
    const call = refusalOf({ channels: { train: { recordFormat: 'Parquet', ...options } } });
    expect(call).toThrow(ConfigError);
    expect(call).toThrow(message);
  });
});
