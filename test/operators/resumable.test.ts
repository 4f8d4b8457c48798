import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { concatMap, filter, map, of, repeat, retry, share, take, throwError, type Observable } from 'rxjs';
import { batch } from '../../operators/batch.js';
import { broadcast } from '../../operators/broadcast.js';
import { bucketBySequenceLength } from '../../operators/bucketBySequenceLength.js';
import { cache } from '../../operators/cache.js';
import { groupByWindow } from '../../operators/groupByWindow.js';
import { interleave } from '../../operators/interleave.js';
import { mapAsync } from '../../operators/mapAsync.js';
import { mergeChannels } from '../../operators/mergeChannels.js';
import { monitor } from '../../operators/monitor.js';
import { prefetch } from '../../operators/prefetch.js';
import { rebatch } from '../../operators/rebatch.js';
import { resumable } from '../../operators/resumable.js';
import { sampleFromDatasets } from '../../operators/sampleFromDatasets.js';
import { shard } from '../../operators/shard.js';
import { shuffle } from '../../operators/shuffle.js';
import { timeSeries } from '../../operators/timeSeries.js';
import { unbatch } from '../../operators/unbatch.js';
import { window } from '../../operators/window.js';
import { zipChannels } from '../../operators/zipChannels.js';
import { ConfigError } from '../../src/base/errors.js';
import { toAsyncIterable } from '../../src/consumers/toAsyncIterable.js';
import { definePipeline } from '../../src/pipeline/declared/definePipeline.js';
import { recordsFromFiles } from '../../src/pipeline/records/recordsFromFiles.js';
import { fromFile } from '../../src/sources/fromFile.js';
import { writeFiles } from '../pipeline/recordFiles.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { all, cursorAfter, lines, numbers, refusal, text } from './resuming.js';

const newFolder = temporaryFolders();

describe('resumable', () => {
  it('counts an item as delivered when its consumer has received it', () => {
    const resume = resumable<number>();
    const counted: unknown[] = [];
    numbers(2)
      .pipe(resume)
      .subscribe((item) => counted.push([item, resume.cursor().items]));
    expect(counted).toEqual([
      [0, 1],
      [1, 2],
    ]);
  });

  it('does not count what is read ahead above it', async () => {
    const resume = resumable<number>();
    const iterator = toAsyncIterable(numbers().pipe(prefetch(5), resume))[Symbol.asyncIterator]();
    await iterator.next();
    expect(resume.cursor()).toMatchObject({ epoch: 0, items: 1 });
    await iterator.return?.();
  });

  it('makes each subscription the next epoch, also after one that was unsubscribed early', async () => {
    const resume = resumable<number>();
    const source$ = numbers(3).pipe(resume);
    expect(await all(source$.pipe(take(2)))).toEqual([0, 1]);
    expect(resume.cursor()).toMatchObject({ epoch: 0, items: 2 });
    expect(await all(source$.pipe(repeat(2)))).toEqual([0, 1, 2, 0, 1, 2]);
    expect(resume.cursor()).toMatchObject({ epoch: 3, items: 0 });
  });

  it('resumes at the next subscription after one that has failed', async () => {
    const file = join(newFolder(), 'a.txt');
    writeFiles('/', { [file]: lines(6) });
    let failures = 0;
    const resume = resumable<string>();
    const source$ = fromFile(file).pipe(
      text,
      shuffle(3, { seed: 1 }),
      concatMap((line: string) => (line === '3' && failures++ === 0 ? throwError(() => new Error('once')) : of(line))),
      resume,
    );
    const whole = await all(fromFile(file).pipe(text, shuffle(3, { seed: 1 })));
    expect(await all(source$.pipe(retry(1)))).toEqual(whole);
    expect(failures).toBe(2);
    expect(resume.cursor()).toMatchObject({ epoch: 1, items: 0 });
  });

  it('lists the stages with their options and seeds, from the last to the first', async () => {
    const source$ = numbers().pipe(shard({ count: 1, index: 0 }), shuffle(4, { seed: 7 }), batch(2));
    expect((await cursorAfter(1, source$)).stages).toEqual([
      { stage: 'batch', size: 2, dropRemainder: false },
      { stage: 'shuffle', bufferSize: 4, seed: 7, reshuffleEachIteration: true },
      { stage: 'shard', count: 1, index: 0 },
    ]);
  });

  it('has the position of each of several files', async () => {
    const folder = newFolder();
    writeFiles(folder, { 'a.txt': lines(100_000, 'a'), 'b.txt': lines(3) });
    const [a$, b$] = ['a.txt', 'b.txt'].map((name) => fromFile(join(folder, name), { chunkBytes: 1000 }).pipe(text));
    const { inputs } = await cursorAfter(2, zipChannels([a$!, b$!]));
    const [a, b] = ['a.txt', 'b.txt'].map((name) => inputs[join(folder, name)]!);
    expect(a).toMatchObject({ unit: 'bytes', position: 1000, marks: [{ bytes: 1000 }] });
    expect(b).toMatchObject({ unit: 'bytes', position: 6, marks: [{ bytes: 6 }] });
  });

  it('works on a declared pipeline', async () => {
    const folder = newFolder();
    writeFiles(folder, { 'a.txt': lines(20) });
    const declared = () =>
      definePipeline({
        channels: { train: { recordFormat: 'TextLine', encoding: 'utf8', files: folder, shuffleSeed: 3 } },
        stages: [
          { stage: 'shuffle', bufferSize: 5, seed: 7 },
          { stage: 'batch', size: 3 },
          { stage: 'prefetch', items: 2 },
        ],
      });
    const cursor = await cursorAfter(2, declared());
    expect(await all(declared().pipe(resumable({ cursor })))).toEqual((await all(declared())).slice(2));
  });

  it('reads the source of a cache as in the first epoch, for any resumed epoch', async () => {
    const folder = newFolder();
    writeFiles(folder, { a: lines(9), b: lines(9, 'b') });
    const make = () =>
      recordsFromFiles(folder, { recordFormat: 'TextLine', shuffleSeed: 1 }).pipe(
        shuffle<Uint8Array>(3, { seed: 1 }),
        map((line) => Buffer.from(line).toString()),
        cache(),
        shuffle<string>(5, { seed: 2 }),
      );
    const resume = resumable<string>();
    const read$ = make().pipe(resume);
    const epochs = [await all(read$), await all(read$), await all(read$)];
    expect(epochs[1]).not.toEqual(epochs[0]);
    const cursor = { ...resume.cursor(), epoch: 2, items: 4 };
    expect(await all(make().pipe(resumable({ cursor })))).toEqual(epochs[2]!.slice(4));
  });

  describe('rejects', () => {
    const refused: Record<string, [Observable<unknown>, RegExp]> = {
      'an order that depends on timing: mergeChannels': [
        mergeChannels([numbers()]),
        /^resumable: mergeChannels .*timing\. Use/,
      ],
      'an order that depends on timing: mapAsync': [
        numbers().pipe(mapAsync((item) => item, { ordered: false })),
        /^resumable: mapAsync .*timing\. Remove \{ ordered: false \}/,
      ],
      'a shuffle without a seed': [
        numbers().pipe(shuffle(2)),
        /^resumable: shuffle .*seed is random\. Set the option "seed"/,
      ],
      'a sampleFromDatasets without a seed': [
        sampleFromDatasets([numbers()]),
        /^resumable: sampleFromDatasets .*seed is random/,
      ],
      broadcast: [numbers().pipe(broadcast({ sinks: 1 })), /^resumable: broadcast .*Put resumable before broadcast/],
      'share above it': [
        numbers().pipe(shuffle(2, { seed: 1 }), share()),
        /^resumable: the epoch number does not reach the source, because an operator .+ for example share\(\)/,
      ],
      'repeat above it, with a stage that counts epochs': [
        numbers().pipe(shuffle(2, { seed: 1 }), repeat(2)),
        /^resumable: shuffle\(2\) is subscribed twice in one epoch.*Put repeat\(\)/,
      ],
    };
    it.each(Object.entries(refused))('%s', async (_name, [source$, message]) => {
      expect((await refusal(source$)).message).toMatch(message);
    });

    it('repeat above it, with an input', async () => {
      const file = join(newFolder(), 'a.txt');
      writeFiles('/', { [file]: lines(3) });
      expect((await refusal(fromFile(file).pipe(text, repeat(2)))).message).toContain(`${file} is subscribed twice`);
    });

    const below: Record<string, [(source$: Observable<number>) => Observable<unknown>, string]> = {
      prefetch: [(source$) => source$.pipe(prefetch(2)), 'prefetch(2)'],
      batch: [
        (source$) =>
          source$.pipe(
            map((item) => String(item)),
            batch(2),
          ),
        'batch',
      ],
      unbatch: [
        (source$) =>
          source$.pipe(
            map((item) => [item]),
            unbatch(),
          ),
        'unbatch',
      ],
      shuffle: [(source$) => source$.pipe(shuffle(2, { seed: 1 })), 'shuffle(2)'],
      mapAsync: [(source$) => source$.pipe(mapAsync((item) => item)), 'mapAsync'],
      cache: [(source$) => source$.pipe(cache()), 'cache'],
      zipChannels: [(source$) => zipChannels({ a: source$ }), 'zipChannels: a'],
      interleave: [(source$) => source$.pipe(interleave((item) => of(item))), 'interleave: sources'],
      bucketBySequenceLength: [
        (source$) =>
          source$.pipe(
            bucketBySequenceLength({ elementLength: () => 1, bucketBoundaries: [2], bucketBatchSizes: [2, 2] }),
          ),
        'bucketBySequenceLength',
      ],
      window: [(source$) => source$.pipe(window(2)), 'window'],
      rebatch: [
        (source$) =>
          source$.pipe(
            map((item) => [item]),
            rebatch(2),
          ),
        'rebatch',
      ],
      timeSeries: [(source$) => source$.pipe(timeSeries({ length: 2 })), 'timeSeries'],
      groupByWindow: [(source$) => source$.pipe(groupByWindow({ key: () => 1, windowSize: 2 })), 'groupByWindow'],
    };
    it.each(Object.entries(below))('%s below it, because it buffers items', async (_name, [make, holder]) => {
      const message =
        `resumable: ${holder} comes after resumable and buffers items. The cursor would count these ` +
        'items as delivered before the consumer receives them. Put resumable last.';
      await expect(all(make(numbers().pipe(resumable())))).rejects.toThrow(message);
    });

    it('a second one below it', async () => {
      await expect(all(numbers().pipe(resumable(), resumable()))).rejects.toThrow(
        'the pipeline has two resumable operators',
      );
    });

    it('a second pipeline', () => {
      const resume = resumable<number>();
      numbers().pipe(resume);
      expect(() => numbers().pipe(resume)).toThrow(ConfigError);
    });

    it('a second subscription during a subscription', async () => {
      const read$ = numbers().pipe(resumable());
      const iterator = toAsyncIterable(read$)[Symbol.asyncIterator]();
      await iterator.next();
      await expect(all(read$)).rejects.toThrow('has a second subscription at the same time');
      await iterator.return?.();
    });

    it('an invalid cursor, at the call', () => {
      expect(() => resumable({ cursor: { version: 2 } as never })).toThrow(ConfigError);
      expect(() => resumable({ cursor: 'cursor.json' as never })).toThrow(
        'expected the result of the method cursor() of resumable()',
      );
    });

    it('an epoch that ends before the saved position', async () => {
      const cursor = await cursorAfter(8, numbers());
      const error = await refusal(numbers(5), { cursor });
      expect(error.path).toBe('cursor.items');
      expect(error.message).toContain('the cursor was saved after 8 items of the epoch, but the epoch has only 5');
    });
  });

  it('allows operators below it that buffer nothing', async () => {
    const read$ = numbers().pipe(
      resumable(),
      filter((item) => item > 1),
      monitor({ onReport: () => undefined }),
      take(3),
    );
    expect(await all(read$)).toEqual([2, 3, 4]);
  });

  describe('with a cursor of another pipeline', () => {
    const source = (seed: number, size = 2): Observable<unknown> => numbers().pipe(shuffle(4, { seed }), batch(size));
    it.each([
      [source(8), 'stages[1].seed', 'stages[1].seed: expected 7 (from the cursor), found 8'],
      [source(7, 3), 'stages[0].size', 'stages[0].size: expected 2 (from the cursor), found 3'],
      [numbers().pipe(batch(2)), 'stages[1]', 'stages[1]: expected {"stage":"shuffle",'],
      [
        source(7).pipe(batch(2)),
        'stages[1].stage',
        'stages[1].stage: expected "shuffle" (from the cursor), found "batch"',
      ],
    ])('names the stage and the option that differ: %#', async (source$, path, message) => {
      const error = await refusal(source$, { cursor: await cursorAfter(2, source(7)) });
      expect(error.path).toBe(`cursor.${path}`);
      expect(error.message).toContain(message);
    });

    it('names the files that differ', async () => {
      const folder = newFolder();
      const read = (options = {}) => recordsFromFiles(folder, { recordFormat: 'TextLine', shuffleSeed: 1, ...options });
      writeFiles(folder, { 'a.txt': lines(9) });
      const cursor = await cursorAfter(2, read());
      expect(cursor.inputs[folder]).toMatchObject({ unit: 'records', facts: { files: 1, shuffleSeed: 1 } });
      expect((await refusal(read({ shuffleSeed: 2 }), { cursor })).message).toContain(
        'shuffleSeed: expected 1 (from the cursor)',
      );
      writeFiles(folder, { 'a.txt': lines(10) });
      expect((await refusal(read(), { cursor })).message).toContain(
        `inputs.${folder}.namesAndSizes: the list of files, their sizes or their versions have changed since the cursor was saved. Restore`,
      );
      writeFiles(folder, { 'b.txt': lines(10) });
      expect((await refusal(read(), { cursor })).message).toContain('files: expected 1 (from the cursor), found 2');
    });

    it.each([
      ['in what has been read', 5, 'crc32 of the first'],
      ['in being shorter', 0, 'bytes: expected at least'],
    ])('names an input whose bytes differ %s', async (_how, keep, message) => {
      const file = join(newFolder(), 'a.txt');
      const bytes = lines(200_000);
      writeFiles('/', { [file]: bytes });
      const read = (chunkBytes: number) => fromFile(file, { chunkBytes }).pipe(text);
      const cursor = await cursorAfter(100_000, read(5000));
      // The same bytes in other chunks.
      expect((await all(read(7777).pipe(resumable({ cursor })))).length).toBe(100_000);
      writeFiles('/', { [file]: keep > 0 ? bytes.with(100_000, bytes[100_000]! ^ 1) : bytes.subarray(0, 300_000) });
      const error = await refusal(read(7777), { cursor });
      expect(error.path).toContain(`cursor.inputs.${file}`);
      expect(error.message).toContain(message);
    });
  });
});
