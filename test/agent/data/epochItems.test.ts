import fc from 'fast-check';
import { epochItems } from '../../../src/agent/data/epochItems.js';

const range = (length: number) => Array.from({ length }, (_, index) => index);
const shard = undefined;
const seeds = fc.integer({ min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER });
const epochs = fc.nat(1000);

describe('epochItems', () => {
  it('keeps the order without a seed', () => {
    expect(epochItems(range(10), { seed: undefined, epoch: 3, shard })).toEqual(range(10));
  });

  it('has a different order in each epoch, the same in every run', () => {
    const orderOf = (epoch: number) => epochItems(range(8), { seed: 7, epoch, shard }).join('');
    expect([0, 1, 2].map(orderOf)).toEqual(['30574126', '75431620', '47152306']);
  });

  it('has another order for another seed, also beyond 32 bits', () => {
    const orders = [1, 2, -1, 2 ** 32, 2 ** 32 + 1, 2 ** 33 + 1].map((seed) =>
      epochItems(range(100), { seed, epoch: 0, shard }).join(),
    );
    expect(new Set(orders).size).toBe(orders.length);
  });

  it('shuffles evenly: each item is in each place about equally often', () => {
    const counts = range(5).map(() => range(5).map(() => 0));
    for (let epoch = 0; epoch < 5000; epoch++) {
      epochItems(range(5), { seed: 1, epoch, shard }).forEach((item, place) => counts[item]![place]!++);
    }
    for (const count of counts.flat()) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });

  it('gives every item to one host in each epoch, and each host about as many', () => {
    fc.assert(
      fc.property(
        fc.nat(50),
        fc.integer({ min: 1, max: 7 }),
        fc.option(seeds, { nil: undefined }),
        epochs,
        (...args) => {
          const [length, count, seed, epoch] = args;
          const shares = range(count).map((index) =>
            epochItems(range(length), { seed, epoch, shard: { index, count } }),
          );
          expect(shares.flat().sort((a, b) => a - b)).toEqual(range(length));
          const sizes = shares.map((share) => share.length);
          expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
        },
      ),
    );
  });

  it('deals shuffled items differently in each epoch, and unshuffled items always the same way', () => {
    const shareOf = (seed: number | undefined, epoch: number) =>
      [...epochItems(range(20), { seed, epoch, shard: { index: 0, count: 2 } })].sort((a, b) => a - b).join();
    expect(new Set(range(5).map((epoch) => shareOf(7, epoch))).size).toBe(5);
    expect(new Set(range(5).map((epoch) => shareOf(undefined, epoch))).size).toBe(1);
  });
});
