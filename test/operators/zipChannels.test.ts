import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { EMPTY, NEVER, concat, finalize, of, take, tap, throwError, type Observable } from 'rxjs';
import { decodeTextLine } from '../../operators/decodeTextLine.js';
import { zipChannels } from '../../operators/zipChannels.js';
import { toAsyncIterable } from '../../src/consumers/toAsyncIterable.js';
import { fromFifo } from '../../src/sources/fromFifo.js';
import { fromIterable } from '../../src/sources/fromIterable.js';
import { FifoWriter, feedFifo, makeFifo, nextTurn } from '../support/fifoWriter.js';
import { consumeByHand } from '../../src/testing/consumeByHand.js';
import { countedNumbers } from '../support/countedNumbers.js';
import { marbles } from '../support/marbles.js';
import { notifications } from '../support/notifications.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const newFolder = temporaryFolders();

describe('zipChannels', () => {
  it('combines one item of each source when the last one has arrived', () => {
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const fast = hot('a-b---|');
      const slow = hot('--1-2-|');
      const expected = '--x-y-|';
      const values = { x: { fast: 'a', slow: '1' }, y: { fast: 'b', slow: '2' } };
      expectObservable(zipChannels({ fast, slow })).toBe(expected, values);
      expectSubscriptions(fast.subscriptions).toBe('^-----!');
      expectSubscriptions(slow.subscriptions).toBe('^-----!');
    });
  });

  it('accepts a tuple, whose items are tuples', () => {
    const zipped: Observable<[number, string]> = zipChannels([of(1, 2), of('a', 'b')]);
    expect(notifications(zipped)).toEqual([[1, 'a'], [2, 'b'], 'complete']);
  });

  it('completes at once if all are empty, and never if one never ends', () => {
    marbles(({ expectObservable }) => {
      expectObservable(zipChannels({ a: EMPTY, b: EMPTY })).toBe('|');
      expectObservable(zipChannels({ a: EMPTY, b: NEVER })).toBe('-');
    });
  });

  it('fails with both names if one ends and another has more items', () => {
    const uneven = zipChannels({ pixels: of(1, 2, 3), label: of('a', 'b') });
    const seen = notifications(uneven);
    expect(seen.slice(0, 2)).toEqual([
      { pixels: 1, label: 'a' },
      { pixels: 2, label: 'b' },
    ]);
    expect(seen[2]).toMatchObject({
      code: 'ERR_UNEVEN',
      message: expect.stringMatching(/label has ended after 2 items, but pixels has more/),
    });
  });

  it('completes with the shortest on request, without waiting for the others', () => {
    const zipped = zipChannels([concat(of(1, 2), NEVER), of('a', 'b')], { stop: 'shortest' });
    expect(notifications(zipped)).toEqual([[1, 'a'], [2, 'b'], 'complete']);
  });

  it('continues with undefined on request', () => {
    const zipped: Observable<[number | undefined, string | undefined]> = zipChannels([of(1, 2), of('a')], {
      stop: 'longest',
    });
    expect(notifications(zipped)).toEqual([[1, 'a'], [2, undefined], 'complete']);
  });

  it('notifies an error after the earlier items, and releases the others', () => {
    let isReleased = false;
    const failing = concat(
      of(1),
      throwError(() => 'source'),
    );
    const endless = concat(of('a', 'b'), NEVER).pipe(finalize(() => (isReleased = true)));
    expect(notifications(zipChannels([failing, endless]))).toEqual([[1, 'a'], 'source']);
    expect(isReleased).toBe(true);
  });

  it('stops all synchronous sources when downstream unsubscribes', () => {
    const { numbers, made } = countedNumbers(100_000);
    expect(notifications(zipChannels([fromIterable(numbers), fromIterable(numbers)]).pipe(take(2)))).toEqual([
      [0, 0],
      [1, 1],
      'complete',
    ]);
    expect(made()).toBeLessThanOrEqual(6);
  });

  it('requests nothing before an item is wanted, then one item of each source', () => {
    const { numbers, made } = countedNumbers(100);
    const zipped = zipChannels([fromIterable(numbers), fromIterable(numbers)]);
    const consumer = consumeByHand(zipped, { onItem: (_item, gate) => gate.close() });
    expect(made()).toBe(0);
    consumer.gate.open();
    expect([consumer.items, made()]).toEqual([[[0, 0]], 2]);
  });

  it('holds one item of a channel that is a thousand times faster than the other', async () => {
    const fastPath = makeFifo(join(newFolder(), 'fast'));
    const slowPath = makeFifo(join(newFolder(), 'slow'));
    const count = 50_000;
    const text = Buffer.from(Array.from({ length: count }, (_, line) => `${line}\n`).join(''));
    void feedFifo(fastPath, text);
    let decoded = 0;
    const fast = fromFifo(fastPath).pipe(
      decodeTextLine({ encoding: 'utf8' }),
      tap(() => decoded++),
    );
    const slow = fromFifo(slowPath).pipe(decodeTextLine({ encoding: 'utf8' }));
    const zipped = zipChannels({ fast, slow }, { stop: 'shortest' });
    const iterator = toAsyncIterable(zipped)[Symbol.asyncIterator]();
    const writing = (async () => {
      const writer = await FifoWriter.open(slowPath);
      for (let line = 0; line < 20; line++) {
        for (let turn = 0; turn < 30; turn++) await nextTurn();
        await writer.write(Buffer.from(`${line}\n`));
      }
      writer.close();
    })();
    for (let line = 0; line < 20; line++) {
      expect(await iterator.next()).toEqual({ done: false, value: { fast: String(line), slow: String(line) } });
      expect(decoded).toBe(line + 1);
    }
    expect((await iterator.next()).done).toBe(true);
    expect(decoded).toBe(21);
    await writing;
  });

  it('throws at the call for bad options', () => {
    expect(() => zipChannels({}, { stop: 'never' as 'strict' })).toThrow(/stop/);
  });
});
