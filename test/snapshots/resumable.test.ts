import { describe, expect, it } from '@jest/globals';
import { repeat, share, type Observable } from 'rxjs';
import { batch } from '../../operators/batch.js';
import { resumable } from '../../operators/resumable.js';
import { shuffle } from '../../operators/shuffle.js';
import { snapshot } from '../../operators/snapshot.js';
import { toAsyncIterable } from '../../src/consumers/toAsyncIterable.js';
import type { Cursor } from '../../src/resume/cursor.js';
import { fromIterable } from '../../src/sources/fromIterable.js';
import { all } from '../sinks/support/numbered.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { untilEmpty } from './support/folders.js';

const newFolder = temporaryFolders();
const NUMBERS = Array.from({ length: 20 }, (_, index) => index);
const EPOCHS = 3;

interface Run {
  readonly folder: string;
  readonly cursor?: Cursor | undefined;
  readonly stopAfter?: number;
  readonly key?: string;
}

/** Shuffles above and below the snapshot. Returns the items, and the cursor after the last one. */
async function run({ folder, cursor, stopAfter = Infinity, key = 'v1' }: Run) {
  const resume = resumable<number[]>({ cursor });
  const pipeline$ = fromIterable(NUMBERS).pipe(
    shuffle(7, { seed: 1 }),
    snapshot(folder, { key }),
    shuffle(5, { seed: 2 }),
    batch(3),
    resume,
    repeat(EPOCHS - (cursor?.epoch ?? 0)),
  );
  const items: number[][] = [];
  for await (const item of toAsyncIterable(pipeline$)) {
    items.push(item);
    if (items.length === stopAfter) break;
  }
  return { items, cursor: JSON.parse(JSON.stringify(resume.cursor())) as Cursor };
}

describe('resumable after snapshot', () => {
  it('continues with the next item, wherever the first run stopped', async () => {
    const whole = await run({ folder: newFolder() });
    expect(whole.items).toHaveLength(EPOCHS * 7);
    for (const stopAfter of [1, 3, 6, 7, 8, 13, 20]) {
      const folder = newFolder();
      const first = await run({ folder, stopAfter });
      if (stopAfter < 4) await untilEmpty(folder);
      const second = await run({ folder, cursor: first.cursor });
      expect([...first.items, ...second.items]).toEqual(whole.items);
    }
  });

  it('resumes a cursor of the first epoch after another process has completed the snapshot', async () => {
    const folder = newFolder();
    const whole = await run({ folder: newFolder() });
    const first = await run({ folder, stopAfter: 4 });
    await run({ folder });
    const second = await run({ folder, cursor: first.cursor });
    expect([...first.items, ...second.items]).toEqual(whole.items);
  });

  it('resumes a cursor of a later epoch, although the snapshot has been removed', async () => {
    const whole = await run({ folder: newFolder() });
    const first = await run({ folder: newFolder(), stopAfter: 10 });
    const second = await run({ folder: newFolder(), cursor: first.cursor });
    expect([...first.items, ...second.items]).toEqual(whole.items);
  });

  it('refuses the cursor of another key', async () => {
    const folder = newFolder();
    const { cursor } = await run({ folder, stopAfter: 8 });
    const other = run({ folder, cursor, key: 'v2' });
    await expect(other).rejects.toThrow(
      /the cursor does not match the pipeline: inputs\.snapshot 0\.file: expected "\.snapshot-\w+"/,
    );
  });

  const above = (operator: (source: Observable<number>) => Observable<number>, folder: string): Observable<number> =>
    fromIterable(NUMBERS).pipe(operator, snapshot(folder, { key: 'v1' }), resumable());

  it('refuses stages above with a random order while the snapshot is written', async () => {
    const folder = newFolder();
    await expect(all(above(shuffle(5), folder))).rejects.toThrow(/resumable: shuffle cannot be resumed/);
    await expect(all(above((source) => source.pipe(shuffle(5), share()), folder))).rejects.toThrow(
      /the epoch number does not reach the source/,
    );
    const written = await all(fromIterable(NUMBERS).pipe(shuffle(5), snapshot(folder, { key: 'v1' })));
    expect(await all(above(shuffle(5), folder))).toEqual(written);
  });

  it('drops the items before the cursor with recordsPerItem while the snapshot is written, and while it is read', async () => {
    const pipeline = (folder: string, cursor?: Cursor) => {
      const resume = resumable<number[]>({ cursor, recordsPerItem: 2 });
      return { kept: fromIterable(NUMBERS).pipe(snapshot(folder, { key: 'v1' }), batch(2), resume), resume };
    };
    const { kept, resume } = pipeline(newFolder());
    const items: number[][] = [];
    for await (const item of toAsyncIterable(kept)) if (items.push(item) === 4) break;
    const folder = newFolder();
    expect([...items, ...(await all(pipeline(folder, resume.cursor()).kept))].flat()).toEqual(NUMBERS);
    expect(await all(fromIterable([0]).pipe(snapshot(folder, { key: 'v1' })))).toEqual(NUMBERS);
    expect([...items, ...(await all(pipeline(folder, resume.cursor()).kept))].flat()).toEqual(NUMBERS);
  });
});
