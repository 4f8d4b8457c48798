import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { firstValueFrom, map, repeat, take, toArray, type Observable } from 'rxjs';
import { resumable } from '../../../operators/resumable.js';
import type { NDArray, RaggedArray } from '../../../src/arrays/ndarray.js';
import { toAsyncIterable } from '../../../src/consumers/toAsyncIterable.js';
import { globalBatches } from '../../../src/pipeline/lanes/globalBatches.js';
import { parquetRows } from '../../../src/pipeline/parquet/parquetRows.js';
import type { Cursor } from '../../../src/resume/cursor.js';
import { runs } from '../../support/runs.js';
import { ALL, datasetOf, listOf, type Dataset } from './support/rowFiles.js';

type Order = Pick<Parameters<typeof globalBatches>[1], 'seed' | 'globalBatchSize' | 'lanes' | 'windowBlocks' | 'owner'>;

/** Reads the numbers of the rows of each part, and compares all columns with them. */
function idsOf({ store, index }: Dataset, order: Order): Observable<number[]> {
  const recordFormat = parquetRows({ columns: { id: 'int32', list: { kind: 'ragged', dtype: 'int32' } } });
  return globalBatches(ALL, { recordFormat, store, index, ...order }).pipe(
    map(({ id, name, list }) => {
      const ids = [...id.data];
      const { data } = name as NDArray<'bytes'>;
      expect(data.map((text) => Buffer.from(text).toString())).toEqual(ids.map((row) => `row ${row}`));
      expect([id.shape, list.rowSplits.length]).toEqual([[ids.length], ids.length + 1]);
      expect(ids.map((_, at) => [...list.values.data.slice(list.rowSplits[at], list.rowSplits[at + 1])])).toEqual(
        ids.map(listOf),
      );
      return ids;
    }),
  );
}

async function read(data: Dataset, order: Order, { owners = 1, epochs = 1 } = {}): Promise<number[][]> {
  const all = await Promise.all(
    Array.from({ length: owners }, (_, index) => {
      return firstValueFrom(idsOf(data, { ...order, owner: { count: owners, index } }).pipe(repeat(epochs), toArray()));
    }),
  );
  return all[0]!.map((_, step) => all.flatMap((steps) => steps[step]!));
}

const shapes = fc.array(
  fc.record({ rows: fc.integer({ min: 0, max: 40 }), rowGroupSize: fc.integer({ min: 1, max: 15 }) }),
  { minLength: 1, maxLength: 6 },
);
const orders = fc.record({
  seed: fc.nat(0xffff_ffff),
  globalBatchSize: fc.integer({ min: 1, max: 30 }),
  lanes: fc.integer({ min: 1, max: 16 }),
  windowBlocks: fc.integer({ min: 1, max: 5 }),
});
const numbersBelow = (total: number): number[] => Array.from({ length: total }, (_, number) => number);
const sorted = (numbers: readonly number[]): number[] => numbers.toSorted((one, other) => one - other);

describe('globalBatches of Parquet files', () => {
  it('has the same tables for any number of owners, and each row once an epoch', async () => {
    await fc.assert(
      fc.asyncProperty(shapes, orders, fc.integer({ min: 1, max: 16 }), async (files, order, owners) => {
        fc.pre(files.some(({ rows }) => rows > 0));
        const data = await datasetOf(files);
        const batches = await read(data, order, { epochs: 2 });
        const steps = Math.ceil(data.total / order.globalBatchSize);
        for (const epoch of [batches.slice(0, steps), batches.slice(steps)]) {
          expect(sorted(epoch.flat())).toEqual(numbersBelow(data.total));
          for (const batch of epoch.slice(0, -1)) expect(batch).toHaveLength(order.globalBatchSize);
        }
        expect(await read(data, order, { epochs: 2, owners: Math.min(owners, order.lanes) })).toEqual(batches);
      }),
      { numRuns: runs(60, 10) },
    );
  });

  it('continues after any interruptions with other numbers of owners, and reads only the next windows', async () => {
    const data = await datasetOf([
      { rows: 60, rowGroupSize: 5 },
      { rows: 31, rowGroupSize: 4 },
      { rows: 50, rowGroupSize: 9 },
    ]);
    const order = { seed: 11, globalBatchSize: 7, lanes: 8, windowBlocks: 2 };
    const expected = await read(data, order);
    const chain = fc.infiniteStream(fc.tuple(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 9 })));
    await fc.assert(
      fc.asyncProperty(chain, async (draws) => {
        const batches: number[][] = [];
        let cursor: Cursor | undefined;
        while (batches.length < expected.length) {
          const [owners, steps] = (draws.next() as IteratorYieldResult<[number, number]>).value;
          const parts = await Promise.all(
            numbersBelow(owners).map((index) => {
              return resumed(idsOf(data, { ...order, owner: { count: owners, index } }), cursor, steps);
            }),
          );
          cursor = parts[0]!.cursor;
          batches.push(...parts[0]!.items.map((_, step) => parts.flatMap(({ items }) => items[step]!)));
        }
        expect(batches).toEqual(expected);
      }),
      { numRuns: runs(20, 5) },
    );
    const { cursor } = await resumed(idsOf(data, { ...order, lanes: 1 }), undefined, 15);
    data.store.bytesRead = 0;
    await resumed(idsOf(data, { ...order, lanes: 1 }), cursor, 1);
    const groups = data.index.files.flatMap(({ blocks }) => blocks).length;
    const bytes = data.index.files.reduce((sum, file) => sum + (file.blocks.at(-1)?.[0] ?? 0), 0);
    // Windows of two row groups: the next step's windows, and one that is loaded ahead.
    const footers = data.index.files.reduce((sum, { byteLength }) => sum + byteLength, 0);
    expect(data.store.bytesRead - footers).toBeLessThan((bytes / groups) * 10);
  });

  it('emits a table of empty arrays if the part has no rows', async () => {
    const data = await datasetOf([{ rows: 3, rowGroupSize: 2 }]);
    const recordFormat = parquetRows({ columns: { id: 'int64' }, label: 'id' });
    const parts = await Promise.all(
      numbersBelow(16).map((index) =>
        firstValueFrom(
          globalBatches(ALL, {
            recordFormat,
            ...{ store: data.store, index: data.index, seed: 1, globalBatchSize: 3, lanes: 16 },
            owner: { count: 16, index },
          }),
        ),
      ),
    );
    const all = parts.flatMap(({ ys }) => [...ys.data]).sort();
    expect(all).toEqual([0n, 1n, 2n]);
    const { xs, ys } = parts[15]!;
    expect(ys).toEqual({ dtype: 'int64', shape: [0], data: new BigInt64Array(0) });
    expect(Object.keys(xs)).toEqual(['name', 'list']);
    expect((xs['list'] as RaggedArray).rowSplits).toEqual(Int32Array.of(0));
  });
});

/** Reads up to `steps` steps, and returns them with the cursor, as another process reads it. */
async function resumed(parts$: Observable<number[]>, cursor: Cursor | undefined, steps: number) {
  const resume = resumable<number[]>({ cursor, recordsPerItem: 1 });
  const items: number[][] = [];
  for await (const item of toAsyncIterable(parts$.pipe(resume, repeat(1 - resume.cursor().epoch), take(steps)))) {
    items.push(item);
  }
  return { items, cursor: JSON.parse(JSON.stringify(resume.cursor())) as Cursor };
}
