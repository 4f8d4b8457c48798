import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { filter, firstValueFrom, map, repeat, take, toArray, type Observable } from 'rxjs';
import { decodeTextLine } from '../../../operators/decodeTextLine.js';
import { resumable } from '../../../operators/resumable.js';
import { shuffle } from '../../../operators/shuffle.js';
import { toAsyncIterable } from '../../../src/consumers/toAsyncIterable.js';
import { encodeTFRecord } from '../../../src/formats/tfrecord/encodeTFRecord.js';
import { globalBatches } from '../../../src/pipeline/lanes/globalBatches.js';
import type { GlobalBatchesOptions } from '../../../src/pipeline/lanes/globalBatchesOptions.js';
import { indexRecords } from '../../../src/pipeline/lanes/indexRecords.js';
import { indexAsText, type DatasetIndex } from '../../../src/pipeline/lanes/datasetIndex.js';
import type { Cursor } from '../../../src/resume/cursor.js';
import { runs } from '../../support/runs.js';
import { temporaryFolders } from '../../support/temporaryFolder.js';
import { MemoryStore } from './support/memoryStore.js';

const CHAINS = Number(process.env['MILLRACE_CHAINS'] ?? 10);
const newFolder = temporaryFolders();
const ALL = 'mem://data/*';

type Options = Omit<GlobalBatchesOptions<'TFRecord'>, 'recordFormat'>;

interface Dataset {
  readonly store: MemoryStore;
  readonly index: DatasetIndex;
  readonly total: number;
}

const differing = (record: number): number => 4 + ((record * 7919) % 40);

/** Makes a dataset of files with these numbers of records. Each record is its number as text. */
async function datasetOf(files: readonly number[], blockBytes: number, bytesOf = differing): Promise<Dataset> {
  let total = 0;
  const encoded = files.map((records, file) => {
    const frames = Array.from({ length: records }, () => {
      return encodeTFRecord(Buffer.from(String(total).padEnd(bytesOf(total++))));
    });
    return [`part-${String(file).padStart(3, '0')}`, Buffer.concat(frames)] as const;
  });
  const store = new MemoryStore(Object.fromEntries(encoded));
  const index = await indexRecords(ALL, {
    recordFormat: 'TFRecord',
    store,
    blockBytes,
  });
  store.bytesRead = 0;
  store.reads = 0;
  return { store, index, total };
}

function stepsOf({ store, index }: Dataset, options: Options) {
  return globalBatches(ALL, {
    recordFormat: 'TFRecord',
    store,
    index,
    ...options,
  }).pipe(map((part) => part.map((record) => Number(Buffer.from(record).toString()))));
}

/** Reads epochs with some owners, and joins their parts to global batches. */
async function read(data: Dataset, options: Options, { owners = 1, epochs = 1 } = {}): Promise<number[][]> {
  const all = await Promise.all(
    Array.from({ length: owners }, (_, index) => {
      const own$ = stepsOf(data, {
        ...options,
        owner: { count: owners, index },
      });
      return firstValueFrom(own$.pipe(repeat(epochs), toArray()));
    }),
  );
  expect(all.map((steps) => steps.length)).toEqual(all.map(() => all[0]!.length));
  return all[0]!.map((_, step) => all.flatMap((steps) => steps[step]!));
}

const datasets = fc.tuple(fc.array(fc.nat(40), { minLength: 1, maxLength: 12 }), fc.integer({ min: 1, max: 600 }));
const orders = fc.record({
  seed: fc.nat(0xffff_ffff),
  globalBatchSize: fc.integer({ min: 1, max: 50 }),
  lanes: fc.integer({ min: 1, max: 16 }),
  windowBlocks: fc.integer({ min: 1, max: 5 }),
});
const sorted = (numbers: readonly number[]): number[] => numbers.toSorted((one, other) => one - other);
const numbersBelow = (total: number): number[] => Array.from({ length: total }, (_, number) => number);

describe('globalBatches', () => {
  it('has the same global batches for any number of owners, and each record once an epoch', async () => {
    await fc.assert(
      fc.asyncProperty(
        datasets,
        orders,
        fc.integer({ min: 1, max: 16 }),
        async ([files, blockBytes], order, owners) => {
          fc.pre(files.some((records) => records > 0));
          const data = await datasetOf(files, blockBytes);
          const batches = await read(data, order, { epochs: 2 });
          const steps = Math.ceil(data.total / order.globalBatchSize);
          const epochs = [batches.slice(0, steps), batches.slice(steps)];
          for (const epoch of epochs) {
            expect(sorted(epoch.flat())).toEqual(numbersBelow(data.total));
            for (const batch of epoch.slice(0, -1)) expect(batch).toHaveLength(order.globalBatchSize);
          }
          expect(
            await read(data, order, {
              epochs: 2,
              owners: Math.min(owners, order.lanes),
            }),
          ).toEqual(batches);
        },
      ),
      { numRuns: runs(100, 15) },
    );
  });

  it('has another order in each epoch and for each seed', async () => {
    const data = await datasetOf([50, 50, 50], 200);
    const order = { seed: 1, globalBatchSize: 10, lanes: 3 };
    const batches = await read(data, order, { epochs: 2 });
    const other = await read(data, { ...order, seed: 2 });
    expect(batches.slice(0, 15)).not.toEqual(batches.slice(15));
    expect(other).not.toEqual(batches.slice(0, 15));
    expect(sorted(other.flat())).toEqual(numbersBelow(150));
  });

  it('continues after any interruptions with other numbers of owners', async () => {
    const data = await datasetOf([40, 13, 50, 1, 26, 30], 256);
    const order = { seed: 11, globalBatchSize: 16, lanes: 16, windowBlocks: 2 };
    const epochs = 2;
    const expected = await read(data, order, { epochs });
    const chain = fc.infiniteStream(fc.tuple(fc.integer({ min: 1, max: 16 }), fc.integer({ min: 1, max: 12 })));
    await fc.assert(
      fc.asyncProperty(chain, async (runs) => {
        const batches: number[][] = [];
        let cursor: Cursor | undefined;
        while (batches.length < expected.length) {
          const { value } = runs.next() as IteratorYieldResult<[number, number]>;
          const [owners, steps] = value;
          const parts = await Promise.all(
            numbersBelow(owners).map((index) => {
              return resumed(stepsOf(data, { ...order, owner: { count: owners, index } }), { cursor, epochs, steps });
            }),
          );
          // The cursors of all owners are equal.
          cursor = parts[0]!.cursor;
          for (const part of parts) expect(part.cursor).toEqual(cursor);
          batches.push(...parts[0]!.items.map((_, step) => parts.flatMap(({ items }) => items[step]!)));
          expect((cursor.epoch * expected.length) / epochs + cursor.items).toBe(batches.length);
        }
        expect(batches).toEqual(expected);
      }),
      { numRuns: CHAINS },
    );
  });

  it('reads a window for each lane and at most two more to resume at any step', async () => {
    const files = Array.from({ length: 20 }, () => 100);
    const data = await datasetOf(files, 512);
    const order = { seed: 5, globalBatchSize: 8, lanes: 2, windowBlocks: 3 };
    const blocks = data.index.files.flatMap((file) => file.blocks).length;
    const whole = await read(data, order);
    expect(blocks).toBeGreaterThan(100);
    let cursor: Cursor | undefined;
    for (let step = 6; step < whole.length; step += 6) {
      cursor = (await resumed(stepsOf(data, order), { cursor, epochs: 1, steps: 6 })).cursor;
      const before = data.store.reads;
      const next = await resumed(stepsOf(data, order), { cursor, epochs: 1, steps: 1 });
      expect(next.items).toEqual([whole[step]]);
      // The windows of the lanes, the window that is loaded ahead, and a window in which the step ends.
      expect(data.store.reads - before).toBeLessThanOrEqual((2 + 2) * 3);
    }
  });

  it.each([
    ['seed', { seed: 2 }, 'seed: expected 1 (from the cursor), found 2'],
    ['lanes', { lanes: 5 }, 'lanes: expected 4 (from the cursor), found 5'],
    ['batch', { globalBatchSize: 9 }, 'globalBatchSize: expected 8 (from the cursor), found 9'],
    ['window', { windowBlocks: 1 }, 'windowBlocks: expected 4 (from the cursor), found 1'],
    ['data', {}, 'the list of files, their sizes or their versions have changed since the cursor was saved'],
  ])('refuses a cursor of another %s, and names it', async (what, changed, message) => {
    const order = { seed: 1, globalBatchSize: 8, lanes: 4 };
    const data = await datasetOf([60, 60], 200);
    const { cursor } = await resumed(stepsOf(data, order), {
      epochs: 1,
      steps: 3,
    });
    const other = what === 'data' ? await datasetOf([61, 59], 200) : data;
    const again = resumed(stepsOf(other, { ...order, ...changed }), {
      cursor,
      epochs: 1,
      steps: 3,
    });
    await expect(again).rejects.toThrow(message);
  });

  it.each([
    ['filter', filter<number[]>((part) => part[0]! % 2 === 0), 'items were made from'],
    ['shuffle', shuffle<number[]>(4, { seed: 1 }), 'shuffle does not make its items from consecutive records'],
  ])('refuses %s before resumable', async (_name, operator, message) => {
    const data = await datasetOf([60], 200);
    const parts$ = stepsOf(data, {
      seed: 1,
      globalBatchSize: 8,
      lanes: 4,
    }).pipe(operator);
    await expect(resumed(parts$, { epochs: 1, steps: 99 })).rejects.toThrow(message);
  });

  it('reads each block once, except blocks at the cuts between lanes', async () => {
    const data = await datasetOf(
      Array.from({ length: 16 }, () => 200),
      512,
    );
    const bytes = data.index.files.reduce((sum, file) => sum + file.byteLength, 0);
    await read(data, { seed: 3, globalBatchSize: 64, lanes: 8 }, { owners: 8 });
    expect(data.store.bytesRead / bytes).toBeLessThan(1.05);
  });

  it('requests no block while the consumer waits, and holds a window for each lane and one more', async () => {
    const files = Array.from({ length: 10 }, () => 100);
    // Ten records of 64 bytes in each block.
    const data = await datasetOf(files, 640, () => 48);
    const order = {
      seed: 3,
      globalBatchSize: 4,
      lanes: 2,
      windowBlocks: 3,
      concurrency: 2,
    };
    expect(data.index.files[9]!.blocks.map(([, records]) => records)).toEqual(Array.from({ length: 10 }, () => 10));
    const iterator = toAsyncIterable(stepsOf(data, order))[Symbol.asyncIterator]();
    let taken = 0;
    for (let step = 0; step < 100; step++) {
      const { value: part } = (await iterator.next()) as IteratorYieldResult<number[]>;
      taken += part.length;
      const { reads } = data.store;
      await new Promise((resolve) => setImmediate(resolve));
      expect(data.store.reads).toBe(reads);
      expect(reads - taken / 10).toBeLessThan(2 * 3 + 3 + 1);
    }
    await iterator.return?.();
  });

  it('leaves out the last records with dropRemainder', async () => {
    const data = await datasetOf([50, 50], 300);
    const batches = await read(data, {
      seed: 1,
      globalBatchSize: 30,
      lanes: 4,
      dropRemainder: true,
    });
    expect(batches.map((batch) => batch.length)).toEqual([30, 30, 30]);
  });

  it('reads lines as text without headers, and files without an index', async () => {
    const csv = (from: number): Buffer =>
      Buffer.from(
        `id\n${numbersBelow(40)
          .map((line) => `${from + line}`)
          .join('\n')}`,
      );
    const store = new MemoryStore({ 'a.csv': csv(0), 'b.csv': csv(40) });
    const recordFormat = decodeTextLine({ encoding: 'utf8', skipLines: 1 });
    const index = await indexRecords(ALL, {
      recordFormat,
      store,
      blockBytes: 30,
    });
    expect(index.files[1]!.blocks.length).toBeGreaterThan(2);
    for (const given of [index, undefined]) {
      const parts$ = globalBatches(ALL, {
        recordFormat,
        store,
        index: given,
        seed: 1,
        globalBatchSize: 7,
        lanes: 2,
      });
      const lines: string[][] = await firstValueFrom(parts$.pipe(toArray()));
      expect(sorted(lines.flat().map(Number))).toEqual(numbersBelow(80));
    }
  });

  it('reads the index from a file or a store', async () => {
    const data = await datasetOf([50, 50], 300);
    const order = { seed: 1, globalBatchSize: 30, lanes: 4 };
    const expected = await read(data, order);
    const path = join(newFolder(), 'index.json');
    writeFileSync(path, indexAsText(data.index));
    data.store.put('../index.json', Buffer.from(indexAsText(data.index)));
    expect(await read(data, { ...order, index: path })).toEqual(expected);
    expect(await read(data, { ...order, index: 'mem://data/../index.json' })).toEqual(expected);
    await expect(read(data, { ...order, index: `${path}.missing` })).rejects.toThrow(
      'index.json.missing cannot be read',
    );
    writeFileSync(path, '{}');
    await expect(read(data, { ...order, index: path })).rejects.toMatchObject({
      code: 'ERR_CONFIG',
    });
  });

  it('fails before the first step if a file has changed since it was indexed', async () => {
    const data = await datasetOf([50, 50], 300);
    data.store.put('part-001', encodeTFRecord(Buffer.from('1')));
    const order = { seed: 1, globalBatchSize: 30, lanes: 4 };
    await expect(read(data, order)).rejects.toMatchObject({
      code: 'ERR_CHANNEL_CHANGED',
      path: 'mem://data/part-001',
      message: expect.stringMatching(
        /^The index does not match the files: part-001 has changed: expected \d+ bytes \(from the index\), found 17\. Make/,
      ),
    });
  });

  it('fails before the first step if the index leaves out the first records of a file', async () => {
    const data = await datasetOf([50, 50], 300);
    const [first, second] = data.index.files;
    const blocks = second!.blocks.slice(1);
    const index = { ...data.index, files: [first!, { ...second!, blocks }] };
    await expect(read(data, { seed: 1, globalBatchSize: 30, lanes: 4, index })).rejects.toMatchObject({
      code: 'ERR_CHANNEL_CHANGED',
      path: 'mem://data/part-001',
      message:
        `The index does not match the files: part-001: the first block begins at byte ${blocks[0]![0]}, not at 0, ` +
        'so records would be left out. Make the index again, with the same recordFormat.',
    });
  });

  it('names the file if the records of a block are others than in the index', async () => {
    const data = await datasetOf([50, 50], 300);
    const [first, ...others] = data.index.files;
    const blocks = first!.blocks.map(([start, records]) => [start, records + 1] as const);
    const order = {
      seed: 1,
      globalBatchSize: 30,
      lanes: 4,
      index: { ...data.index, files: [{ ...first!, blocks }, ...others] },
    };
    await expect(read(data, order)).rejects.toThrow(
      /mem:\/\/data\/part-000 has changed: expected \d+ records in the bytes/,
    );
    const recordFormat = 'RecordIO';
    await expect(
      firstValueFrom(
        globalBatches(ALL, {
          ...order,
          recordFormat,
          store: data.store,
          index: data.index,
        }),
      ),
    ).rejects.toThrow('recordFormat: expected TFRecord (from the index), found RecordIO');
    await expect(read(await datasetOf([0], 300), { ...order, index: undefined })).rejects.toMatchObject({
      code: 'ERR_CHANNEL_EMPTY',
    });
  });

  it('throws at the call if an argument is wrong', () => {
    const call = (options: object) => () =>
      globalBatches('data', {
        recordFormat: 'TFRecord',
        seed: 1,
        globalBatchSize: 8,
        lanes: 4,
        ...options,
      });
    expect(call({ owner: { count: 5, index: 0 } })).toThrow('lanes: expected at least as many lanes as owners');
    expect(call({ owner: { count: 2, index: 2 } })).toThrow('owner.index: expected an index less than count');
    expect(call({ recordFormat: 'WholeFile' })).toThrow('recordFormat: expected TFRecord');
    expect(call({ index: 's3://bucket/i.json' })).toThrow('globalBatches: index: "s3://bucket/i.json" needs a store');
    expect(call({ lane: 4 })).toThrow('lane');
  });
});

/** Reads up to `steps` steps, and returns them with the cursor, as another process reads it. */
async function resumed(
  parts$: Observable<number[]>,
  {
    cursor,
    epochs,
    steps,
  }: {
    readonly cursor?: Cursor | undefined;
    readonly epochs: number;
    readonly steps: number;
  },
) {
  const resume = resumable<number[]>({ cursor, recordsPerItem: 1 });
  const items: number[][] = [];
  for await (const item of toAsyncIterable(parts$.pipe(resume, repeat(epochs - resume.cursor().epoch), take(steps)))) {
    items.push(item);
  }
  return {
    items,
    cursor: JSON.parse(
      JSON.stringify({
        ...resume.cursor(),
        inputs: withoutPositions(resume.cursor()),
      }),
    ) as Cursor,
  };
}

/** Owners may have read different numbers of steps ahead. */
function withoutPositions({ inputs }: Cursor): Cursor['inputs'] {
  return Object.fromEntries(Object.entries(inputs).map(([name, input]) => [name, { ...input, position: 0 }]));
}
