import { beforeAll, describe, expect, it } from '@jest/globals';
import { Observable, of, Subject } from 'rxjs';
import { toAsyncIterable } from '../../src/consumers/toAsyncIterable.js';
import { fromIterable } from '../../src/sources/fromIterable.js';
import { collectGarbage, collectLeftovers } from '../support/collectGarbage.js';
import { collectWarnings } from '../support/collectWarnings.js';
import { countedNumbers } from '../support/countedNumbers.js';
import { until } from '../support/fifoWriter.js';

/** Emits on demand and keeps its subscriber alive, like a worker or a timer. */
function openSource(): { readonly source: Observable<number>; readonly isClosed: () => boolean } {
  const kept = new Set<unknown>();
  const numbers$ = fromIterable(countedNumbers(100).numbers);
  const source = new Observable<number>((destination) => {
    kept.add(destination);
    destination.add(() => kept.delete(destination));
    return numbers$.subscribe(destination);
  });
  return { source, isClosed: () => kept.size === 0 };
}

/** Collects garbage until a condition is true. */
async function collectUntil(isSo: () => boolean): Promise<void> {
  await until(() => {
    collectGarbage();
    return isSo();
  });
}

const iterate = <T>(source: Observable<T>): AsyncIterator<T> => toAsyncIterable(source)[Symbol.asyncIterator]();

beforeAll(collectLeftovers);

describe('an iterator of toAsyncIterable', () => {
  it('closes its source and warns when it is dropped without return', async () => {
    const { source, isClosed } = openSource();
    const warnings = await collectWarnings(async () => {
      expect(await iterate(source).next()).toEqual({ done: false, value: 0 });
      expect(isClosed()).toBe(false);
      await collectUntil(isClosed);
    }, true);
    expect(warnings).toEqual([
      { code: 'MILLRACE_UNCLOSED', message: expect.stringContaining('call return() of the iterator') },
    ]);
  });

  it('is not collected while a next is pending', async () => {
    const late = new Subject<number>();
    const pending = iterate(late).next();
    const other = openSource();
    await collectWarnings(async () => {
      await iterate(other.source).next();
      // The iterator that waits for nothing is collected in the same collection.
      await collectUntil(other.isClosed);
    });
    late.next(7);
    expect(await pending).toEqual({ done: false, value: 7 });
    // Otherwise, its iterator would be dropped, too.
    late.complete();
  });

  it('does not warn when it has ended or was closed', async () => {
    let collected = 0;
    const registry = new FinalizationRegistry(() => (collected += 1));
    const warnings = await collectWarnings(async () => {
      await (async () => {
        const [ended, closed] = [iterate(of<number>()), iterate(openSource().source)];
        await Promise.all([ended.next(), closed.next()]);
        await closed.return?.();
        for (const iterator of [ended, closed]) registry.register(iterator, undefined);
      })();
      await collectUntil(() => collected === 2);
    }, true);
    expect(warnings).toEqual([]);
  });
});
