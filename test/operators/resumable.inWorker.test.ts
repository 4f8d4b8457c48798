import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { repeat, take } from 'rxjs';
import { resumable } from '../../operators/resumable.js';
import type { Cursor } from '../../src/resume/cursor.js';
import type * as sources from '../../src/sources/inWorker.js';
import type { InWorkerOptions, WorkerObservable } from '../../src/sources/inWorker.js';
import { writeFiles } from '../pipeline/recordFiles.js';
import { compiled, compiledUrl } from '../support/compiled.js';
import { TrainingTree } from '../support/trainingTree.js';
import { shuffledLines } from '../workers/threadPipelines.js';
import { all, cursorAfter, lines, refusal } from './resuming.js';
import { runs } from '../support/runs.js';
import { testsFolder } from '../support/testsFolder.js';

const { inWorker } = (await import(compiled('src/sources/inWorker.ts'))) as typeof sources;
const MODULE = new URL(compiledUrl('test/workers/threadPipelines.ts'));
const folder = mkdtempSync(join(testsFolder, 'millrace-test-'));
const opened: WorkerObservable<unknown>[] = [];
afterAll(async () => {
  await Promise.all(opened.map((items$) => items$.close()));
  rmSync(folder, { recursive: true });
});

const EPOCHS = 3;
const data = { pattern: join(folder, '*.txt'), seed: 3 };
writeFiles(folder, { 'a.txt': lines(9, 'a'), 'b.txt': lines(8, 'b') });

function run(exportName: string, moduleData: unknown, options: InWorkerOptions = {}): WorkerObservable<string> {
  const items$ = inWorker<string>(MODULE, { exportName, data: moduleData, ...options });
  opened.push(items$);
  return items$;
}

/** Runs the same pipelines on this thread, and takes their items in turn. */
async function onThisThread(count: number): Promise<string[]> {
  const places = Array.from({ length: count }, (_, index) => shuffledLines(data, { count, index }).pipe(resumable()));
  const items: string[] = [];
  for (let epoch = 0; epoch < EPOCHS; epoch++) {
    const parts = await Promise.all(places.map((place$) => all(place$)));
    for (let i = 0; i < 17; i++) items.push(...parts.flatMap((part) => part.slice(i, i + 1)));
  }
  return items;
}

describe.each([{ workers: 1 }, { workers: 2 }, { workers: 2, epochs: 1_000_000 }])(
  'resumable after inWorker with %p',
  (options) => {
    it('delivers the same items after two interruptions anywhere, with the orders of the epochs', async () => {
      const batches$ = run('shuffledLines', data, options);
      const whole = await onThisThread(options.workers);
      const stop = fc.integer({ min: 1, max: whole.length });
      await fc.assert(
        fc.asyncProperty(fc.uniqueArray(stop, { minLength: 1, maxLength: 2 }), async (stops) => {
          const delivered: string[] = [];
          let cursor: Cursor | undefined;
          for (const until of [...stops.sort((a, b) => a - b), Infinity]) {
            const resume = resumable<string>({ cursor });
            const rest$ = batches$.pipe(resume, repeat(EPOCHS - (cursor?.epoch ?? 0)));
            delivered.push(...(await all(rest$.pipe(take(until - delivered.length)))));
            cursor = JSON.parse(JSON.stringify(resume.cursor())) as Cursor;
            if (delivered.length === whole.length) break;
          }
          expect(delivered).toEqual(whole);
        }),
        { numRuns: runs(30) },
      );
    });
  },
);

describe('resumable after inWorker', () => {
  it('stores the stages and inputs of each thread, and rejects what has changed', async () => {
    const two$ = run('shuffledLines', data, { workers: 2 });
    const cursor = await cursorAfter(3, two$);
    expect(cursor).toMatchObject({
      items: 3,
      stages: [{ stage: 'inWorker', exportName: 'shuffledLines', workers: 2 }],
    });
    expect(cursor.workers?.['inWorker(threadPipelines.js) 0']).toMatchObject(
      [0, 1].map((index) => ({
        stages: [{ stage: 'batch' }, { stage: 'shuffle', seed: 3 }, { stage: 'shard', count: 2, index }],
        inputs: { [data.pattern]: { unit: 'records' } },
      })),
    );
    const otherSeed$ = run('shuffledLines', { ...data, seed: 4 }, { workers: 2 });
    expect(await refusal(otherSeed$, { cursor })).toMatchObject({
      message: expect.stringMatching(/stages\[1\]\.seed/),
    });
    expect(await refusal(run('shuffledLines', data), { cursor })).toMatchObject({
      message: expect.stringContaining('stages[0].workers: expected 2 (from the cursor), found 1'),
    });
    writeFiles(folder, { 'b.txt': lines(9, 'b') });
    expect(await refusal(two$, { cursor })).toMatchObject({ message: expect.stringContaining('list of files') });
    writeFiles(folder, { 'b.txt': lines(8, 'b') });
  });

  it('rejects what it cannot resume, on both threads', async () => {
    const unordered$ = run('shuffledLines', data, { workers: 2, ordered: false });
    expect((await refusal(unordered$)).message).toContain('Remove { ordered: false }');
    const withoutSeed$ = run('shuffledLines', { pattern: data.pattern });
    expect((await refusal(withoutSeed$)).message).toContain('shuffle cannot be resumed');
    expect((await refusal(withoutSeed$, { recordsPerItem: 2 })).message).toContain(
      'inWorker can begin in the middle of an epoch only',
    );
  });

  it('compares the bytes of a channel that a thread reads again', async () => {
    const tree = new TrainingTree(join(folder, 'job'));
    const lines$ = run('channelLines', { baseDir: tree.baseDir });
    const feeding = tree.feed('train', [lines(20_000, 'a'), lines(20_000, 'a'), lines(20_000, 'b')]);
    const whole = lines(20_000, 'a').toString().trimEnd().split('\n');
    const cursor = await cursorAfter(19_000, lines$, { shuffledChannels: [] });
    expect(await all(lines$.pipe(resumable<string>({ cursor })))).toEqual(whole.slice(19_000));
    expect((await refusal(lines$, { cursor })).message).toMatch(/inputs\.train\.crc32 of the first 65536 bytes/);
    await feeding;
  });

  it('finds a shuffled channel in the thread, and does not open its next FIFO in advance', async () => {
    const tree = new TrainingTree(join(folder, 'shuffled'));
    const lines$ = run('channelLines', { baseDir: tree.baseDir }, { epochs: 2 });
    const feeding = tree.feed('train', [lines(2, 'a')]);
    tree.makeFifo('train', 1);
    const resume = resumable<string>({ shuffledChannels: ['train'] });
    expect(await all(lines$.pipe(resume))).toEqual(['a0', 'a1']);
    await feeding;
    expect(tree.readState('train')).toBe('1');
    expect(resume.cursor()).toMatchObject({ epoch: 1, items: 0 });
  });
});
