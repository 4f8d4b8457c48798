import { setImmediate as turn } from 'node:timers/promises';
import { mapConcurrently } from '../../src/base/mapConcurrently.js';

const NUMBERS = Array.from({ length: 100 }, (_, index) => index);

describe('mapConcurrently', () => {
  it('keeps the order of the items, regardless of which is ready first', async () => {
    const results = await mapConcurrently(NUMBERS, async (item) => {
      for (let turns = item % 3; turns > 0; turns--) await turn();
      return `of ${item}`;
    });
    expect(results).toEqual(NUMBERS.map((item) => `of ${item}`));
  });

  it('works on 16 items at a time', async () => {
    let running = 0;
    const seen: number[] = [];
    await mapConcurrently(NUMBERS, async () => {
      seen.push(++running);
      await turn();
      running--;
    });
    expect(Math.max(...seen)).toBe(16);
  });

  it('starts no further item after a failure', async () => {
    const begun: number[] = [];
    const mapping = mapConcurrently(NUMBERS, async (item) => {
      begun.push(item);
      await turn();
      if (item === 0) throw new Error('no such file');
    });
    await expect(mapping).rejects.toThrow('no such file');
    for (let turns = 0; turns < 3; turns++) await turn();
    expect(begun).toEqual(NUMBERS.slice(0, 16));
  });

  it('starts no further item after an abort', async () => {
    const stop = new AbortController();
    const begun: number[] = [];
    const mapping = mapConcurrently(
      NUMBERS,
      async (item) => {
        begun.push(item);
        stop.abort('enough');
        await turn();
      },
      stop.signal,
    );
    await expect(mapping).rejects.toBe('enough');
    expect(begun).toEqual([0]);
  });
});
