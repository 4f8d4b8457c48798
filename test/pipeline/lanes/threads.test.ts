import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { firstValueFrom, repeat, take, toArray } from 'rxjs';
import { resumable } from '../../../operators/resumable.js';
import { encodeTFRecord } from '../../../src/formats/tfrecord/encodeTFRecord.js';
import { indexRecords } from '../../../src/pipeline/lanes/indexRecords.js';
import type { Cursor } from '../../../src/resume/cursor.js';
import type * as sources from '../../../src/sources/inWorker.js';
import { compiled, compiledUrl } from '../../support/compiled.js';
import { temporaryFolders } from '../../support/temporaryFolder.js';
import { numberedRows } from '../parquet/support/parquetFiles.js';
import { pipeline, type OwnedData } from './support/ownedBatches.js';
import { pipeline as rows } from './support/ownedRows.js';

// A worker of the compiled package starts without tsx, which takes most of a second.
const { inWorker } = (await import(compiled('src/sources/inWorker.ts'))) as typeof sources;
const MODULE = new URL(compiledUrl('test/pipeline/lanes/support/ownedBatches.ts'));

const ROWS = new URL(compiledUrl('test/pipeline/lanes/support/ownedRows.ts'));

const newFolder = temporaryFolders();

describe('globalBatches in threads', () => {
  it('has the same global batches for any number of hosts and of their threads, in one order', async () => {
    const folder = newFolder();
    for (const file of [0, 1, 2]) {
      const frames = Array.from({ length: 50 }, (_, record) => encodeTFRecord(Buffer.from(`${file}-${record}`)));
      writeFileSync(join(folder, `${file}.tfrecord`), Buffer.concat(frames));
    }
    const patterns = join(folder, '*.tfrecord');
    const index = await indexRecords(patterns, { recordFormat: 'TFRecord', blockBytes: 100 });
    const globalBatches = async (hosts: number, workers: number): Promise<string[][]> => {
      const parts = await Promise.all(
        Array.from({ length: hosts }, async (_, host) => {
          const owners = { count: hosts * workers, first: host * workers };
          const data: OwnedData = { patterns, index, owners };
          const items$ = inWorker<typeof pipeline>(MODULE, { data, workers, epochs: 2 });
          try {
            return await firstValueFrom(items$.pipe(repeat(2), toArray()));
          } finally {
            await items$.close();
          }
        }),
      );
      const steps = parts[0]!.length / workers;
      return Array.from({ length: steps }, (_, step) =>
        parts.flatMap((items) => items.slice(step * workers, (step + 1) * workers).flat()),
      );
    };
    const expected = await globalBatches(1, 1);
    expect(expected).toHaveLength(8);
    expect(new Set(expected.slice(0, 4).flat()).size).toBe(150);
    expect(await globalBatches(1, 3)).toEqual(expected);
    expect(await globalBatches(3, 2)).toEqual(expected);
  });
});

describe('globalBatches of Parquet files in threads', () => {
  it('has the same tables for any number of threads', async () => {
    const folder = newFolder();
    writeFileSync(join(folder, 'a.parquet'), numberedRows(50, 6));
    writeFileSync(join(folder, 'b.parquet'), numberedRows(33, 4, 50));
    const here = await firstValueFrom(rows(`${folder}/*`).pipe(toArray()));
    const expected = here.map(({ id }) => [...id.data]);
    expect(expected.map(({ length }) => length)).toEqual([16, 16, 16, 16, 16, 3]);
    for (const workers of [2, 3]) {
      const items$ = inWorker<typeof rows>(ROWS, { data: `${folder}/*`, workers });
      const parts = await firstValueFrom(items$.pipe(toArray()));
      await items$.close();
      expect(
        expected.map((_, step) => parts.slice(step * workers, (step + 1) * workers).flatMap(({ id }) => [...id.data])),
      ).toEqual(expected);
    }
  });
});

describe('resumable after globalBatches in threads', () => {
  it('continues inside a step only with the same number of threads', async () => {
    const folder = newFolder();
    const frames = Array.from({ length: 150 }, (_, record) => encodeTFRecord(Buffer.from(`${record}`)));
    writeFileSync(join(folder, 'a.tfrecord'), Buffer.concat(frames));
    const patterns = join(folder, '*.tfrecord');
    const index = await indexRecords(patterns, { recordFormat: 'TFRecord', blockBytes: 100 });
    const run = async (workers: number, { cursor, parts }: { cursor?: Cursor; parts: number }) => {
      const data: OwnedData = { patterns, index, owners: { count: workers, first: 0 } };
      const items$ = inWorker<typeof pipeline>(MODULE, { data, workers });
      const resume = resumable<readonly string[]>({ cursor, recordsPerItem: 1 });
      try {
        const read = await firstValueFrom(items$.pipe(resume, take(parts), toArray()));
        return { read, cursor: resume.cursor() };
      } finally {
        await items$.close();
      }
    };
    const whole = await run(3, { parts: 12 });
    const { read, cursor } = await run(3, { parts: 5 });
    expect(cursor).toMatchObject({ version: 2, epoch: 0, items: 1, parts: { delivered: 2, threads: 3 } });
    expect([...read, ...(await run(3, { cursor, parts: 7 })).read]).toEqual(whole.read);
    await expect(run(2, { cursor, parts: 1 })).rejects.toThrow('parts.threads: expected 3 (from the cursor), found 2');
    const alone$ = pipeline({ patterns, index, owners: { count: 1, first: 0 } });
    const rest$ = alone$.pipe(resumable({ cursor, recordsPerItem: 1 }), toArray());
    await expect(firstValueFrom(rest$)).rejects.toThrow('parts.threads: expected 3 (from the cursor), found 1');
  });
});
