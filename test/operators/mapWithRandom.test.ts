import { describe, expect, it } from '@jest/globals';
import { range, repeat, take, toArray, type Observable } from 'rxjs';
import { mapAsync } from '../../operators/mapAsync.js';
import { mapInWorkers } from '../../operators/mapInWorkers.js';
import { mapWithRandom } from '../../operators/mapWithRandom.js';
import { resumable } from '../../operators/resumable.js';
import { shard } from '../../operators/shard.js';
import { randomFromSeed } from '../../src/base/seededRandom.js';
import { marbles } from '../support/marbles.js';
import { all, cursorAfter, numbers } from './resuming.js';

const draw = (seed = 7) =>
  mapWithRandom((item: number, random): string => `${item}:${random().toFixed(3)},${random().toFixed(3)}`, { seed });

const epochsOf = async (source$: Observable<string>, count: number): Promise<string[][]> =>
  all(source$.pipe(toArray(), repeat(count)));

describe('mapWithRandom', () => {
  it('maps each item at once, and completes with its source', () => {
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('-a-b-|');
      const subscribed = '^----!';
      expectObservable(source.pipe(mapWithRandom((item) => item.toUpperCase(), { seed: 1 }))).toBe('-A-B-|');
      expectSubscriptions(source.subscriptions).toBe(subscribed);
    });
  });

  it('fails with the error of the function', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('-a-|');
      const fail = (): never => {
        throw new Error('of the function');
      };
      expectObservable(source.pipe(mapWithRandom(fail, { seed: 1 }))).toBe(
        '-#',
        undefined,
        new Error('of the function'),
      );
      expectSubscriptions(source.subscriptions).toBe('^!');
    });
  });

  it('stops a synchronous source', async () => {
    const made: number[] = [];
    const note = mapWithRandom((item: number) => made.push(item), { seed: 1 });
    await all(range(0, 1_000_000).pipe(note, take(3)));
    expect(made).toEqual([0, 1, 2]);
  });

  it('has the same random numbers for the same seed, and others for each item, epoch and seed', async () => {
    const first = await epochsOf(numbers(20).pipe(draw()), 3);
    expect(await epochsOf(numbers(20).pipe(draw()), 3)).toEqual(first);
    const drawn = [...first, ...(await epochsOf(numbers(20).pipe(draw(8)), 1))]
      .flat()
      .map((item) => item.split(':')[1]);
    expect(new Set(drawn).size).toBe(80);
  });

  it('depends on the index of an item, not on the random numbers that earlier functions have drawn', async () => {
    const drawMany = mapWithRandom(
      (item: number, random) => {
        for (let i = 0; i < item; i++) random();
        return item;
      },
      { seed: 7 },
    );
    expect(await all(numbers(5).pipe(drawMany, draw()))).toEqual(await all(numbers(5).pipe(draw())));
  });

  it('continues with the epoch and the index of a cursor', async () => {
    const whole = (await epochsOf(numbers(10).pipe(draw()), 3)).flat();
    for (const stop of [4, 10, 17]) {
      const resume = resumable<string>();
      await all(numbers(10).pipe(draw(), resume, repeat(3), take(stop)));
      const cursor = resume.cursor();
      const rest$ = numbers(10).pipe(draw(), resumable({ cursor }), repeat(3 - cursor.epoch));
      expect(await all(rest$)).toEqual(whole.slice(stop));
    }
  });

  it('refuses a cursor of another seed', async () => {
    const cursor = await cursorAfter(4, numbers(10).pipe(draw()));
    await expect(all(numbers(10).pipe(draw(8), resumable({ cursor })))).rejects.toThrow('stages[0]');
  });

  it('has the same random numbers on any number of hosts if it comes before shard', async () => {
    const hosts = async (count: number): Promise<string[]> => {
      const parts = Array.from({ length: count }, (_, index) => numbers(10).pipe(draw(), shard({ count, index })));
      return (await Promise.all(parts.map(all))).flat().sort();
    };
    expect(await hosts(3)).toEqual(await hosts(1));
  });

  it('lets asynchronous functions and workers draw later', async () => {
    const expected = await all(numbers(5).pipe(draw()));
    const later$ = numbers(5).pipe(
      mapWithRandom((item, random) => ({ item, random }), { seed: 7 }),
      mapAsync(
        async ({ item, random }) => {
          for (let turns = item % 3; turns > 0; turns--) await new Promise(setImmediate);
          return `${item}:${random().toFixed(3)},${random().toFixed(3)}`;
        },
        { concurrency: 3 },
      ),
    );
    expect(await all(later$)).toEqual(expected);
    const module = new URL('../workers/functions.ts', import.meta.url);
    const inWorkers$ = numbers(5).pipe(
      mapWithRandom((_item, random) => Math.floor(random() * 2 ** 32), { seed: 7 }),
      mapInWorkers<number, number>(module, { exportName: 'drawFromSeed', workers: 2, idleTimeoutMs: 0 }),
    );
    const seeds = await all(
      numbers(5).pipe(mapWithRandom((_item, random) => Math.floor(random() * 2 ** 32), { seed: 7 })),
    );
    expect(await all(inWorkers$)).toEqual(seeds.map((seed) => randomFromSeed(seed)()));
  });

  it.each([undefined, {}, { seed: -1 }, { seed: 1.5 }, { seed: 7, epoch: 1 }])('refuses the options %j', (options) => {
    expect(() => mapWithRandom((item) => item, options as never)).toThrow(/^mapWithRandom/);
  });
});
