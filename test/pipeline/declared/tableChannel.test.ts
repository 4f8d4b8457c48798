import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { lastValueFrom, toArray, type Observable } from 'rxjs';
import { ndarray, type NDArray } from '../../../src/arrays/ndarray.js';
import { ConfigError } from '../../../src/base/errors.js';
import { definePipeline } from '../../../src/pipeline/declared/definePipeline.js';
import { resumable } from '../../../operators/resumable.js';
import { collectWarnings } from '../../support/collectWarnings.js';
import { temporaryFolders } from '../../support/temporaryFolder.js';

const newFolder = temporaryFolders();
const all = <T>(items$: Observable<T>): Promise<T[]> => lastValueFrom(items$.pipe(toArray()));

function filesOf(...texts: string[]): string {
  const folder = newFolder();
  mkdirSync(folder, { recursive: true });
  for (const [index, text] of texts.entries()) writeFileSync(join(folder, `${index}.csv`), text);
  return folder;
}

describe('a declared channel of tables', () => {
  it('emits tables with the dtypes of its columns', async () => {
    const tables$ = definePipeline({
      channels: {
        train: {
          files: filesOf('a;y\n1;0\n;1\n', 'y;a\n1;3\n'),
          recordFormat: 'Table',
          batchSize: 2,
          delimiter: ';',
          columns: { a: { dtype: 'float32', default: 'nan' }, y: 'int32' },
          label: 'y',
        },
      },
    });
    const tables = await all(tables$);
    const ys: NDArray<'int32'>[] = tables.map((table) => table.ys);
    const a: NDArray<'float32'>[] = tables.map((table) => table.xs.a);
    expect(a).toEqual([ndarray('float32', [2], Float32Array.of(1, NaN)), ndarray('float32', [1], Float32Array.of(3))]);
    expect(ys).toEqual([ndarray('int32', [2], Int32Array.of(0, 1)), ndarray('int32', [1], Int32Array.of(1))]);
  });

  it('shuffles and batches rows', async () => {
    const rows$ = definePipeline({
      channels: { train: { files: filesOf('a\n1\n2\n3\n4\n5\n'), recordFormat: 'Table', batchSize: 2 } },
      stages: [{ stage: 'unbatch' }, { stage: 'shuffle', bufferSize: 5, seed: 1 }, { stage: 'batch', size: 5 }],
    });
    const [table] = (await all(rows$)) as { a: NDArray<'int32'> }[];
    expect(table?.a.shape).toEqual([5]);
    expect([...(table?.a.data ?? [])].sort()).toEqual([1, 2, 3, 4, 5]);
  });

  it('skips bad rows, and counts them', async () => {
    const channel = { recordFormat: 'Table', batchSize: 2, columns: { a: 'int32' }, onBadRecord: 'skip' } as const;
    const files = filesOf('a\n1\nx\n3\n');
    const warnings = await collectWarnings(async () => {
      const tables = await all(definePipeline({ channels: { train: { files, ...channel } } }));
      expect(tables).toEqual([{ a: ndarray('int32', [2], Int32Array.of(1, 3)) }]);
    });
    expect(warnings.map(({ message }) => message).join()).toContain('decodeTable has skipped 1 bad record');
  });

  it('resumes an epoch by reading it again', async () => {
    const files = filesOf('a\n1\n2\n3\n');
    const tables$ = definePipeline({ channels: { train: { files, recordFormat: 'Table', batchSize: 1 } } });
    const first = resumable({ recordsPerItem: 1 });
    const cursors = await all(tables$.pipe(first));
    expect(cursors).toHaveLength(3);
    const cursor = { ...first.cursor(), epoch: 0, items: 2 };
    expect(await all(tables$.pipe(resumable({ cursor })))).toEqual([{ a: ndarray('int32', [1], Int32Array.of(3)) }]);
  });

  it('refuses what it does not know, and names the format that does', () => {
    const define = (channel: object) => () => definePipeline({ channels: { train: channel } } as never);
    expect(define({ recordFormat: 'Table' })).toThrow('channels.train.batchSize');
    const columns = { a: { dtype: 'int32', default: 'none' } };
    expect(define({ recordFormat: 'Table', batchSize: 1, columns })).toThrow(
      'channels.train.columns.a.default: expected int32, found "none"',
    );
    expect(define({ recordFormat: 'Table', batchSize: 1, select: ['y'], label: 'y' })).toThrow(
      'select: expected at least one column in addition to the label "y"',
    );
    expect(define({ recordFormat: 'TextLine', delimiter: ';' })).toThrow('this option needs "recordFormat": "Table"');
    expect(define({ recordFormat: 'Table', batchSize: 1, skipLines: 1 })).toThrow(
      'this option needs "recordFormat": "TextLine"',
    );
    expect(define({ recordFormat: 'TFRecord', onBadRecord: 'skip' })).toThrow(ConfigError);
  });
});
