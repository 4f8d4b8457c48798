import { readdirSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { lastValueFrom, map, of, tap, toArray, type Observable } from 'rxjs';
import { batch } from '../../operators/batch.js';
import * as operators from '../../operators/mapInWorkers.js';
import type { MapInWorkersOptions } from '../../operators/mapInWorkers.js';
import { ConfigError, MillraceError, ValueError } from '../../src/base/errors.js';
import { ndarray, type NDArray } from '../../src/arrays/ndarray.js';
import { fromIterable } from '../../src/sources/fromIterable.js';
import { consumeByHand } from '../../src/testing/consumeByHand.js';
import { compiled, compiledUrl } from '../support/compiled.js';
import { countedNumbers } from '../support/countedNumbers.js';
import { nextTurn, until } from '../support/fifoWriter.js';

// A worker of the compiled package starts without tsx, which takes most of a second.
const { mapInWorkers } = (await import(compiled('operators/mapInWorkers.ts'))) as typeof operators;

const MODULE = new URL(compiledUrl('test/workers/functions.ts'));
const all = <T>(source: Observable<T>): Promise<T[]> => lastValueFrom(source.pipe(toArray()));
const sharedInts = (length: number): Int32Array => new Int32Array(new SharedArrayBuffer(4 * length));
const threads = (): number => readdirSync('/proc/self/task').length;

/** Makes the operator with a function of the module. The threads end with the test. */
function inWorkers<T, R>(exportName: string, options: MapInWorkersOptions = {}) {
  return mapInWorkers<T, R>(MODULE, { exportName, workers: 2, idleTimeoutMs: 0, ...options });
}

describe('mapInWorkers', () => {
  it('maps with the function of the module, in order, with the index and the data', async () => {
    const { numbers } = countedNumbers(100);
    const results = await all(fromIterable(numbers).pipe(inWorkers('map', { data: { plus: 1 } })));
    expect(results).toEqual(Array.from({ length: 100 }, (_, index) => ({ doubled: index * 2 + 1, index })));
  });

  it('maps with the function of a TypeScript module, also if the package is TypeScript', async () => {
    const module = new URL('../workers/functions.ts', import.meta.url);
    for (const map of [mapInWorkers, operators.mapInWorkers]) {
      const operator = map<number, unknown>(module, { exportName: 'map', workers: 1, idleTimeoutMs: 0 });
      expect(await all(of(3).pipe(operator))).toEqual([{ doubled: 6, index: 0 }]);
    }
  });

  it('uses the configured number of threads', async () => {
    const before = threads();
    const flags = sharedInts(1);
    const seen = new Set(await all(of(1, 2).pipe(inWorkers('together', { data: flags }))));
    expect(seen.size).toBe(2);
    await until(() => threads() <= before);
  });

  it('keeps the order for any durations, and holds no more items than its concurrency', async () => {
    const flags = sharedInts(10);
    const { numbers, made } = countedNumbers(8);
    const source$ = fromIterable(numbers).pipe(
      map((number) => number + 1),
      inWorkers<number, number>('held', { data: flags, concurrency: 3 }),
    );
    const { items, ending } = consumeByHand(source$, { isOpen: true });
    await until(() => Atomics.load(flags, 0) === 3);
    for (const item of [3, 2]) Atomics.store(flags, item, 1);
    for (let turn = 0; turn < 30; turn++) await nextTurn();
    expect([made(), items]).toEqual([3, []]);
    for (const item of [1, 8, 7, 6, 5, 4]) Atomics.store(flags, item, 1);
    await until(() => ending() !== undefined);
    expect([items, ending()]).toEqual([[1, 2, 3, 4, 5, 6, 7, 8], 'complete']);
  });

  it('emits results as they are available without ordered', async () => {
    const flags = sharedInts(10);
    const source$ = of(1, 2, 3).pipe(
      inWorkers<number, number>('held', { data: flags, ordered: false, concurrency: 3 }),
    );
    const { items } = consumeByHand(source$, { isOpen: true });
    for (const [done, item] of [3, 1, 2].entries()) {
      Atomics.store(flags, item, 1);
      await until(() => items.length === done + 1);
    }
    expect(items).toEqual([3, 1, 2]);
  });

  it('moves batches in both directions, unless move is none', async () => {
    const row = ndarray('float32', [1000], new Float32Array(1000).fill(3));
    const given: NDArray[] = [];
    const run = async (options: MapInWorkersOptions): Promise<NDArray<'float32'>[]> => {
      given.length = 0;
      const operator = inWorkers<NDArray<'float32'>, NDArray<'float32'>>('scaled', options);
      return all(
        of(row, row).pipe(
          batch(2),
          tap((item) => given.push(item)),
          operator,
        ),
      );
    };
    for (const [move, left] of [
      ['fresh', 0],
      ['none', 8000],
    ] as const) {
      const [result] = await run({ move });
      expect([result?.shape, result?.data[0], result?.data[1999]]).toEqual([[2, 1000], 6, 6]);
      expect(given.map(({ data }) => (data as Float32Array).byteLength)).toEqual([left]);
    }
    expect(row.data.byteLength).toBe(4000);
  });

  it('notifies an error of the function at its item’s position, as an instance of its class', async () => {
    const { items, ending } = consumeByHand(of(1, 2, 3).pipe(inWorkers('failsAtTwo')), { isOpen: true });
    await until(() => ending() !== undefined);
    expect(items).toEqual([1]);
    expect(ending()).toBeInstanceOf(ValueError);
    expect(ending()).toMatchObject({ path: 'item', message: 'no two' });
  });

  it('notifies an unexpected end of a worker', async () => {
    const { items, ending } = consumeByHand(of(1, 2).pipe(inWorkers('diesAtTwo', { concurrency: 1 })), {
      isOpen: true,
    });
    await until(() => ending() !== undefined);
    expect(items).toEqual([1]);
    expect(ending()).toBeInstanceOf(MillraceError);
    expect(ending()).toMatchObject({ code: 'ERR_WORKER', message: expect.stringContaining('exit code 9') });
  });

  it('continues with another worker after an unexpected end', async () => {
    const operator = inWorkers<number, number>('diesAtTwo', { workers: 1 });
    await expect(all(of(2).pipe(operator))).rejects.toMatchObject({ code: 'ERR_WORKER' });
    expect(await all(of(3).pipe(operator))).toEqual([3]);
  });

  it('ends its threads after the last subscription, and starts others', async () => {
    const operator = inWorkers<number, number>('thread', { workers: 1 });
    const [first] = await all(of(1).pipe(operator));
    let again = first;
    while (again === first) {
      for (let turn = 0; turn < 30; turn++) await nextTurn();
      [again] = await all(of(1).pipe(operator));
    }
    expect(again).toBeGreaterThan(first ?? Infinity);
  });

  it('ends its threads when it is unsubscribed, also during work', async () => {
    const before = threads();
    const flags = sharedInts(2);
    const { subscription } = consumeByHand(of(0).pipe(inWorkers('together', { data: flags })), { isOpen: true });
    await until(() => Atomics.load(flags, 0) === 1);
    subscription.unsubscribe();
    await until(() => threads() <= before);
  });

  // A thread that ends while it loads leaves the descriptors of its modules open.
  it('ends a worker that is stopped during loading after it has loaded, without a call', async () => {
    const before = threads();
    const flags = sharedInts(4);
    const [begun, mayLoad, loaded, calls] = [0, 1, 2, 3];
    const slow = new URL(compiledUrl('test/workers/slowToLoad.ts'));
    const source$ = of(1, 2).pipe(mapInWorkers(slow, { workers: 1, idleTimeoutMs: 0, data: { flags } }));
    const { subscription } = consumeByHand(source$, { isOpen: true });
    await until(() => Atomics.load(flags, begun) === 1);
    subscription.unsubscribe();
    // Timers of equal duration fire in order, so the pool's timer has fired.
    await new Promise((resolve) => setTimeout(resolve, 0));
    Atomics.store(flags, mayLoad, 1);
    await until(() => Atomics.load(flags, loaded) === 1 && threads() <= before);
    expect(Atomics.load(flags, calls)).toBe(0);
  });

  it('names the fault of a module, and the value that cannot be sent', async () => {
    const seven = await all(of(1).pipe(inWorkers('seven'))).catch((error: unknown) => error);
    expect(seven).toBeInstanceOf(ConfigError);
    expect(seven).toMatchObject({ message: expect.stringContaining('to be a function, found number') });
    await expect(all(of({ fn: () => 1 }).pipe(inWorkers('map')))).rejects.toMatchObject({ path: 'fn' });
  });

  it('keeps its threads for the next subscription until idleTimeoutMs', async () => {
    const operator = inWorkers<number, number>('thread', { workers: 1, idleTimeoutMs: 60_000 });
    const [first] = await all(of(1).pipe(operator));
    expect(await all(of(1).pipe(operator))).toEqual([first]);
  });

  it('throws at the call for bad arguments', () => {
    expect(() => mapInWorkers('augment' as never)).toThrow(/expected the URL of a module/);
    for (const options of [{ workers: 0 }, { concurrency: 0 }, { idleTimeoutMs: -1 }, { items: 1 }]) {
      expect(() => mapInWorkers(MODULE, options as never)).toThrow(expect.objectContaining({ code: 'ERR_CONFIG' }));
    }
  });
});
