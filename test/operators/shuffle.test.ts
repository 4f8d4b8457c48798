import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { of, range, repeat, take, toArray, type Observable } from 'rxjs';
import { batch } from '../../operators/batch.js';
import { shuffle, type ShuffleOptions } from '../../operators/shuffle.js';
import { marbles } from '../support/marbles.js';

function collect<T>(source: Observable<T>): T[] {
  const items: T[] = [];
  source.subscribe((item) => items.push(item));
  return items;
}

const epochs = (options: ShuffleOptions, count = 3): number[][] =>
  collect(range(0, 100).pipe(shuffle(10, options), toArray(), repeat(count)));

describe('shuffle', () => {
  it('fills its buffer before it emits, and empties it at the end', () => {
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('-a-a-a-a-|');
      const subscribed = '^--------!';
      const expected = '  -----a-a-(aa|)';
      expectObservable(source.pipe(shuffle(3))).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subscribed);
    });
  });

  it('drops its buffer when its source fails', () => {
    marbles(({ hot, expectObservable }) => {
      expectObservable(hot('-a-a-#').pipe(shuffle(3))).toBe('-----#');
    });
  });

  it('emits every item once, after it has arrived', () => {
    fc.assert(
      fc.property(fc.nat(200), fc.integer({ min: 1, max: 50 }), fc.nat(), (count, bufferSize, seed) => {
        const order = collect(range(0, count).pipe(shuffle(bufferSize, { seed })));
        expect([...order].sort((a, b) => a - b)).toEqual(collect(range(0, count)));
        order.forEach((item, position) => expect(item).toBeLessThan(position + bufferSize));
      }),
    );
  });

  it('has the same order for the same seed, on each run', () => {
    expect(epochs({ seed: 7 })).toEqual(epochs({ seed: 7 }));
    expect(epochs({ seed: 7 })).not.toEqual(epochs({ seed: 8 }));
  });

  it('gives each iteration its own order', () => {
    const [first, second, third] = epochs({ seed: 7 }).map(String);
    expect(new Set([first, second, third]).size).toBe(3);
  });

  it('gives each iteration the same order on request', () => {
    const [first, second] = epochs({ seed: 7, reshuffleEachIteration: false });
    expect(second).toEqual(first);
  });

  it('counts the iterations of each application separately', () => {
    const operator = shuffle<number>(10, { seed: 7 });
    const one = collect(range(0, 100).pipe(operator));
    const other = collect(range(0, 100).pipe(operator));
    expect(other).toEqual(one);
  });

  it('keeps epochs apart before repeat, and mixes them after it', () => {
    const apart = collect(range(0, 20).pipe(shuffle<number>(10, { seed: 7 }), repeat(2)));
    expect([...apart.slice(0, 20)].sort((a, b) => a - b)).toEqual(collect(range(0, 20)));
    const mixed = collect(range(0, 20).pipe(repeat(2), shuffle<number>(30, { seed: 7 })));
    expect([...mixed.slice(0, 20)].sort((a, b) => a - b)).not.toEqual(collect(range(0, 20)));
  });

  it('keeps the type of its items after any operator', () => {
    const batches: Observable<number[]> = range(0, 4).pipe(take(3), shuffle(2, { seed: 7 }), batch(2));
    expect(collect(batches).flat().sort()).toEqual([0, 1, 2]);
  });

  it('has a random seed by default', () => {
    const operator = shuffle<number>(10);
    const order = collect(range(0, 100).pipe(operator));
    expect(collect(range(0, 100).pipe(shuffle(10, { seed: operator.seed })))).toEqual(order);
    expect(shuffle(10, { seed: 5 }).seed).toBe(5);
  });

  it('is uniform if the buffer holds all items', () => {
    const counts = new Array<number>(6).fill(0);
    for (let seed = 0; seed < 6000; seed++) {
      const order = collect(range(0, 3).pipe(shuffle(3, { seed }))).join('');
      counts[['012', '021', '102', '120', '201', '210'].indexOf(order)]!++;
    }
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(120);
  });

  it('copies a record that is a small part of its buffer, and keeps a large one', () => {
    const slab = new Uint8Array(1000).fill(7);
    const [small, large] = [slab.subarray(0, 100), slab.subarray(100, 900)];
    const [first] = collect(of(small).pipe(shuffle(1)));
    expect(first).toEqual(small);
    expect(first?.buffer.byteLength).toBeLessThanOrEqual(100);
    expect(collect(of(large).pipe(shuffle(1)))[0]).toBe(large);
  });

  it('throws at the call for bad arguments', () => {
    expect(() => shuffle(0)).toThrow(/bufferSize/);
    for (const seed of [-1, 0.5, 2 ** 32]) expect(() => shuffle(1, { seed })).toThrow(/seed/);
  });
});
