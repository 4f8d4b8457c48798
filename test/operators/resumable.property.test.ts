import { describe, expect, it, jest } from '@jest/globals';
import * as fc from 'fast-check';
import { map, repeat, retry, type Observable } from 'rxjs';
import { resumable } from '../../operators/resumable.js';
import type { Cursor } from '../../src/resume/cursor.js';
import { toAsyncIterable } from '../../src/consumers/toAsyncIterable.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { randomPipelines, writePipelineFiles } from './randomPipelines.js';
import { runs } from '../support/runs.js';

jest.setTimeout(300_000);

const EPOCHS = 3;
const newFolder = temporaryFolders();

/** Returns a cursor as another process reads it. */
const asRead = (cursor: Cursor): Cursor => JSON.parse(JSON.stringify(cursor)) as Cursor;

/** Returns the items of a process that ends after `stopAfter` items, and its cursor. */
async function run(pipeline$: Observable<string>, cursor?: Cursor, stopAfter = Infinity) {
  const resume = resumable<string>({ cursor });
  const delivered: string[] = [];
  if (stopAfter === 0) return { delivered, cursor: resume.cursor() };
  for await (const item of toAsyncIterable(pipeline$.pipe(resume, repeat(EPOCHS - resume.cursor().epoch)))) {
    delivered.push(item);
    if (delivered.length === stopAfter) break;
  }
  return { delivered, cursor: resume.cursor() };
}

async function withoutResumable(pipeline$: Observable<string>): Promise<string[]> {
  const delivered: string[] = [];
  for await (const item of toAsyncIterable(pipeline$.pipe(repeat(EPOCHS)))) delivered.push(item);
  return delivered;
}

describe('resumable', () => {
  it('delivers the same items with any two interruptions, through any stages', async () => {
    const folder = newFolder();
    writePipelineFiles(folder);
    const cut = fc.double({ min: 0, max: 1, noNaN: true });
    let itemsReplayed = 0;
    // Some draws have few items, because many random pipelines are short: then more pipelines follow.
    do {
      await fc.assert(
        fc.asyncProperty(randomPipelines({ isPlain: false }), cut, cut, async (make, first, second) => {
          const whole = await run(make(folder));
          const stops = [first, second].map((part) => Math.floor(part * whole.delivered.length)).sort((a, b) => a - b);
          const before = await run(make(folder), undefined, stops[0]);
          const between = await run(make(folder), asRead(before.cursor), stops[1]! - stops[0]!);
          const after = await run(make(folder), asRead(between.cursor));
          expect([...before.delivered, ...between.delivered, ...after.delivered]).toEqual(whole.delivered);
          expect(after.cursor).toMatchObject({ epoch: EPOCHS, items: 0 });
          itemsReplayed += before.cursor.items + between.cursor.items;
        }),
        { numRuns: runs(300, 40) },
      );
    } while (itemsReplayed <= runs(500, 60));
    expect(itemsReplayed).toBeGreaterThan(runs(500, 60));
  });

  it('delivers the same items with retry after a failure of any source anywhere', async () => {
    const folder = newFolder();
    writePipelineFiles(folder);
    let failures = 0;
    await fc.assert(
      fc.asyncProperty(randomPipelines({ isPlain: false }), fc.nat(60), async (make, soundItems) => {
        let passed = 0;
        const fault = map((item: string): string => {
          if (passed++ !== soundItems) return item;
          failures++;
          throw new Error('broken');
        });
        const whole = await run(make(folder));
        const resume = resumable<string>();
        const retried$ = make(folder, fault).pipe(resume, retry(1), repeat(EPOCHS));
        const delivered: string[] = [];
        for await (const item of toAsyncIterable(retried$)) delivered.push(item);
        expect(delivered).toEqual(whole.delivered);
      }),
      { numRuns: runs(150, 30) },
    );
    expect(failures).toBeGreaterThan(runs(30, 6));
  });

  it('does not change the items', async () => {
    const folder = newFolder();
    writePipelineFiles(folder);
    await fc.assert(
      fc.asyncProperty(randomPipelines({ isPlain: true }), async (make) => {
        const { delivered } = await run(make(folder));
        expect(delivered).toEqual(await withoutResumable(make(folder)));
      }),
      { numRuns: runs(100) },
    );
  });
});
