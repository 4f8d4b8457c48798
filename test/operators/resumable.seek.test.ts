import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { filter, repeat, retry, scan, take, tap, type Observable } from 'rxjs';
import { batch } from '../../operators/batch.js';
import { cache } from '../../operators/cache.js';
import { combineAttributes } from '../../operators/combineAttributes.js';
import { decodeTextLine } from '../../operators/decodeTextLine.js';
import { mapWithRandom } from '../../operators/mapWithRandom.js';
import { paddedBatch } from '../../operators/paddedBatch.js';
import { prefetch } from '../../operators/prefetch.js';
import { resumable } from '../../operators/resumable.js';
import { shuffle } from '../../operators/shuffle.js';
import { unbatch } from '../../operators/unbatch.js';
import { zipChannels } from '../../operators/zipChannels.js';
import { globalBatches } from '../../src/pipeline/lanes/globalBatches.js';
import { recordsFromFiles, type RecordsFromFilesOptions } from '../../src/pipeline/records/recordsFromFiles.js';
import { fromFile } from '../../src/sources/fromFile.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { writeFiles } from '../pipeline/recordFiles.js';
import { FolderStore } from '../pipeline/records/support/folderStore.js';
import { all, cursorAfter, numbers, refusal, text } from './resuming.js';
import { runs } from '../support/runs.js';

const newFolder = temporaryFolders();

/** Makes a store of the files `0`, `1`, …, with these numbers of lines. */
function storeOf(counts: readonly number[]): { readonly store: FolderStore; readonly folder: string } {
  const folder = newFolder();
  const linesOf = (file: number, count: number) => Array.from({ length: count }, (_, line) => `${file}.${line}\n`);
  writeFiles(folder, Object.fromEntries(counts.map((count, file) => [String(file), linesOf(file, count).join('')])));
  return { store: new FolderStore(folder), folder };
}

type Options = Omit<RecordsFromFilesOptions<'TextLine'>, 'recordFormat'>;

const read = (store: FolderStore, options: Options = {}): Observable<string> =>
  recordsFromFiles('disk://data/', { recordFormat: text, store, ...options });

const filesOf = (store: FolderStore): string[] => store.ranges.map((range) => range.split(' ')[0] ?? '');

describe('resumable with recordsPerItem', () => {
  it('opens the file of the next record and those after it', async () => {
    const { store } = storeOf([3, 3, 3, 3]);
    const cursor = await cursorAfter(7, read(store), { recordsPerItem: 1 });
    store.ranges.length = 0;
    expect(await all(read(store).pipe(resumable({ cursor, recordsPerItem: 1 })))).toEqual([
      '2.1',
      '2.2',
      '3.0',
      '3.1',
      '3.2',
    ]);
    expect(filesOf(store)).toEqual(['2', '3']);
  });

  it('heeds items that were read ahead but not delivered, and batches over two files', async () => {
    const { store } = storeOf([3, 3, 3, 3]);
    const batches$ = read(store).pipe(batch(2), prefetch(4));
    const cursor = await cursorAfter(2, batches$, { recordsPerItem: 2 });
    store.ranges.length = 0;
    const rest = await all(batches$.pipe(resumable({ cursor, recordsPerItem: 2 })));
    expect(rest.flat()).toEqual(['1.1', '1.2', '2.0', '2.1', '2.2', '3.0', '3.1', '3.2']);
    expect(filesOf(store)[0]).toBe('1');
  });

  it('reads local files in the same way, and the next epoch from its start', async () => {
    const { folder } = storeOf([2, 2]);
    const opened: string[] = [];
    const decoder = (source: Observable<Uint8Array>) => source.pipe(tap({ subscribe: () => opened.push('') }), text);
    const lines$ = recordsFromFiles(folder, { recordFormat: decoder });
    const cursor = await cursorAfter(3, lines$, { recordsPerItem: 1 });
    opened.length = 0;
    const resume = resumable<string>({ cursor, recordsPerItem: 1 });
    const resumed$ = lines$.pipe(resume);
    expect(await all(resumed$)).toEqual(['1.1']);
    expect(opened).toHaveLength(1);
    expect(resume.cursor()).toMatchObject({ epoch: 1, items: 0 });
    expect(await all(resumed$)).toEqual(['0.0', '0.1', '1.0', '1.1']);
  });

  it('goes on where any pipeline of files stopped', async () => {
    const counts = fc.array(fc.nat(5), { minLength: 1, maxLength: 6 });
    const options = fc.record({
      shuffleSeed: fc.option(fc.nat(9), { nil: undefined }),
      cycleLength: fc.integer({ min: 1, max: 2 }),
    });
    await fc.assert(
      fc.asyncProperty(counts, options, fc.integer({ min: 1, max: 4 }), fc.nat(), async (sizes, how, size, at) => {
        const records = sizes.reduce((sum, count) => sum + count, 0);
        fc.pre(records > 0);
        const { store } = storeOf(sizes);
        const batches$ = read(store, how).pipe(batch(size), prefetch(2));
        const whole = await all(batches$.pipe(resumable()));
        const stop = 1 + (at % whole.length);
        const cursor = await cursorAfter(stop, batches$, { recordsPerItem: size });
        const rest = await all(batches$.pipe(resumable({ cursor, recordsPerItem: size })));
        expect(rest).toEqual(whole.slice(stop));
      }),
      { numRuns: runs(60) },
    );
  });

  it('goes on with the random numbers of mapWithRandom, at each place between batches', async () => {
    const draw = (seed: number) => mapWithRandom((item: unknown, random) => [item, random()] as const, { seed });
    const size = fc.integer({ min: 1, max: 3 });
    await fc.assert(
      fc.asyncProperty(size, size, fc.nat(), fc.boolean(), async (inner, outer, at, fails) => {
        const { store } = storeOf([4, 5, 6]);
        const make = () =>
          read(store).pipe(draw(1), batch(inner), prefetch(2), draw(2), paddedBatch(outer), draw(2), draw(3));
        const recordsPerItem = inner * outer;
        const whole = await all(make().pipe(resumable(), repeat(2)));
        const stop = 1 + (at % (whole.length / 2));
        const cursor = await cursorAfter(stop, make(), { recordsPerItem });
        let left = fails ? 1 : Infinity;
        const fault = tap(() => {
          if (left-- === 0) throw new Error('once');
        });
        const rest$ = make().pipe(fault, resumable({ cursor, recordsPerItem }), retry(1), repeat(2));
        expect((await all(rest$)).slice(0, whole.length - stop)).toEqual(whole.slice(stop));
      }),
      { numRuns: runs(60) },
    );
  });

  it('refuses mapWithRandom before stages whose items it cannot count', async () => {
    const { store } = storeOf([2]);
    const draw = mapWithRandom((item: string) => Buffer.from(item), { seed: 1 });
    const failure = await refusal(read(store).pipe(draw, combineAttributes(2)), { recordsPerItem: 2 });
    expect(failure.message).toContain(
      'recordsPerItem: put mapWithRandom after combineAttributes. Or: Remove recordsPerItem.',
    );
  });

  it('goes on from a cursor that was saved without it', async () => {
    const { store } = storeOf([3, 3]);
    const cursor = await cursorAfter(4, read(store));
    expect(await all(read(store).pipe(resumable({ cursor, recordsPerItem: 1 })))).toEqual(['1.1', '1.2']);
  });

  it('refuses a cursor of globalBatches for other inputs, and the other way round', async () => {
    const { folder } = storeOf([3, 3]);
    const lines$ = recordsFromFiles(folder, { recordFormat: text });
    const parts$ = globalBatches(folder, { recordFormat: text, seed: 1, globalBatchSize: 2, lanes: 1 });
    const ofRecords = { cursor: await cursorAfter(2, lines$, { recordsPerItem: 1 }), recordsPerItem: 1 };
    const ofSteps = { cursor: await cursorAfter(2, parts$, { recordsPerItem: 1 }), recordsPerItem: 1 };
    expect((await refusal(parts$, ofRecords)).message).toContain(
      'unit: expected "records" (from the cursor), found "steps"',
    );
    expect((await refusal(lines$, ofSteps)).message).toContain('unit: expected "steps" (from the cursor)');
  });

  it('goes on after a failure', async () => {
    const { store } = storeOf([2, 2]);
    let fails = true;
    const failing$ = read(store).pipe(
      tap((line) => {
        if (line === '1.1' && fails) {
          fails = false;
          throw new Error('once');
        }
      }),
      resumable({ recordsPerItem: 1 }),
      retry(1),
    );
    expect(await all(failing$)).toEqual(['0.0', '0.1', '1.0', '1.1']);
    expect(filesOf(store)).toEqual(['0', '1', '1']);
  });

  it('refuses stages and inputs whose items do not follow the records', async () => {
    const { store, folder } = storeOf([4, 4]);
    const options = { recordsPerItem: 1 };
    const messageOf = async (source$: Observable<unknown>) => (await refusal(source$, options)).message;
    expect(await messageOf(read(store).pipe(shuffle(3, { seed: 1 })))).toMatch(/shuffle does not make its items/);
    expect(await messageOf(read(store).pipe(batch(2), unbatch()))).toMatch(/unbatch does not make its items/);
    expect(await messageOf(read(store).pipe(cache()))).toMatch(/cache does not make its items/);
    expect(await messageOf(zipChannels({ a: read(store), b: read(store) }))).toMatch(
      /zipChannels does not make its items/,
    );
    expect(await messageOf(fromFile(join(folder, '0')).pipe(decodeTextLine()))).toMatch(
      /expected one recordsFromFiles\(\)/,
    );
    expect(await messageOf(numbers())).toMatch(/expected one recordsFromFiles\(\)/);
  });

  it('refuses a wrong number, and operators that leave out items', async () => {
    const { store } = storeOf([4, 4]);
    const refused = async (source$: Observable<unknown>, recordsPerItem: number) =>
      (await refusal(source$, { recordsPerItem })).message;
    expect(await refused(read(store), 4)).toMatch(/^resumable: recordsPerItem: \d items were made from \d+ records/);
    expect(await refused(read(store).pipe(batch(2)), 1)).toMatch(/4 items were made from 8 records/);
    expect(await refused(read(store).pipe(filter((line) => line.endsWith('0'))), 1)).toMatch(
      /2 items were made from 8/,
    );
    expect(
      await refused(
        read(store).pipe(
          scan((sum, line) => sum + line, ''),
          batch(8),
        ),
        4,
      ),
    ).toMatch(/1 items were/);
    expect(await all(read(store).pipe(resumable({ recordsPerItem: 1 }), take(2)))).toEqual(['0.0', '0.1']);
  });
});
