import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { firstValueFrom, take, toArray } from 'rxjs';
import { resumable } from '../../operators/resumable.js';
import { toAsyncIterable } from '../../src/consumers/toAsyncIterable.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { digests, expectedItems, helpers, newJob, runningNats, SPLITS, trainer } from './support/natsTests.js';

const server = await runningNats('test/nats/onHosts.test.ts');
const url = server?.url ?? '';
const newFolder = temporaryFolders();

(server ? describe : describe.skip)('onHosts', () => {
  const startHelper = helpers(url);

  it('emits the items of one machine in their order, in each epoch', async () => {
    const job = newJob();
    const data = { items: 20, size: 1000 };
    for (let i = 0; i < 3; i++) startHelper(job, '--threads', '2');
    const item$ = trainer(url, { job, data }).pipe(toArray());
    expect(digests(await firstValueFrom(item$))).toEqual(digests(await expectedItems(data, 0)));
    expect(digests(await firstValueFrom(item$))).toEqual(digests(await expectedItems(data, 1)));
  });

  it('emits each item once with { ordered: false }', async () => {
    const job = newJob();
    const data = { items: 30 };
    for (let i = 0; i < 2; i++) startHelper(job, '--threads', '2');
    const found = await firstValueFrom(trainer(url, { job, data, ordered: false }).pipe(toArray()));
    expect(found.map(({ id }) => id).sort()).toEqual((await expectedItems(data)).map(({ id }) => id).sort());
  });

  it('receives items larger than a message of the server', async () => {
    const job = newJob();
    const data = { items: 2, size: 700_001 };
    startHelper(job);
    const found = await firstValueFrom(trainer(url, { job, data, splits: ['a', 'b'] }).pipe(toArray()));
    expect(digests(found)).toEqual(digests(await expectedItems(data, 0, ['a', 'b'])));
  });

  it('holds few items, whatever the number of helpers', async () => {
    const job = newJob();
    const log = join(newFolder(), 'log');
    writeFileSync(log, '');
    const [items, threads] = [3, 6];
    for (let i = 0; i < 3; i++) startHelper(job, '--threads', String(threads / 3));
    let taken = 0;
    let lead = 0;
    for await (const _ of toAsyncIterable(trainer(url, { job, data: { items: 40, log }, items, concurrency: 6 }))) {
      taken++;
      lead = Math.max(lead, statSync(log).size - taken);
    }
    expect(taken).toBe(40 * SPLITS.length);
    // A thread computes four items ahead, has sent one that the trainer holds too, and computes one.
    expect(lead).toBeLessThanOrEqual(items + 1 + threads * 6);
  });

  it('computes splits of a function of the epoch', async () => {
    const job = newJob();
    const data = { items: 2 };
    startHelper(job);
    const item$ = trainer(url, { job, data, splits: async (epoch) => Promise.resolve([`x${epoch}`]) });
    for (const epoch of [0, 1])
      expect(digests(await firstValueFrom(item$.pipe(toArray())))).toEqual(
        digests(await expectedItems(data, epoch, [`x${epoch}`])),
      );
  });

  it('is resumed in the middle of an epoch', async () => {
    const job = newJob();
    const data = { items: 5 };
    startHelper(job);
    const expected = await expectedItems(data);
    const first = resumable<{ readonly id: string }>();
    await firstValueFrom(trainer(url, { job, data }).pipe(first, take(7), toArray()));
    const second = resumable<{ readonly id: string }>({ cursor: first.cursor() });
    const rest = await firstValueFrom(trainer(url, { job, data }).pipe(second, toArray()));
    expect(rest).toEqual(expected.slice(7));
  });

  it('completes without splits, and without helpers', async () => {
    const found = await firstValueFrom(trainer(url, { job: newJob(), data: { items: 1 }, splits: [] }).pipe(toArray()));
    expect(found).toEqual([]);
  });
});
