import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import {
  concat,
  map,
  mergeMap,
  NEVER,
  of,
  retry,
  throwError,
  type MonoTypeOperatorFunction,
  type Observable,
} from 'rxjs';
import { broadcast } from '../../operators/broadcast.js';
import { decompress } from '../../operators/decompress.js';
import * as operators from '../../operators/index.js';
import { mergeChannels } from '../../operators/mergeChannels.js';
import { resumable } from '../../operators/resumable.js';
import { shuffle } from '../../operators/shuffle.js';
import type { Cursor } from '../../src/resume/cursor.js';
import { toAsyncIterable } from '../../src/consumers/toAsyncIterable.js';
import { encodeTFRecord } from '../../src/formats/tfrecord/encodeTFRecord.js';
import { abortable } from '../../src/sources/abortable.js';
import { fromIterable } from '../../src/sources/fromIterable.js';
import { consumeByHand } from '../../src/testing/consumeByHand.js';
import { nextTurn } from '../support/fifoWriter.js';
import { notifications } from '../support/notifications.js';
import { COUNT, REFUSED, stagesByName } from './holdingStages.js';

const broken = new Error('the source broke');

/** Emits numbers from 0. The first subscription that reaches `after` fails. */
function failingOnce(after: number): Observable<number> {
  let hasFailed = false;
  return fromIterable({
    *[Symbol.iterator]() {
      for (let i = 0; i < COUNT; i++) {
        if (i === after && !hasFailed) {
          hasFailed = true;
          throw broken;
        }
        yield i;
      }
    },
  });
}

async function take<T>(source$: Observable<T>): Promise<{ items: string[]; error?: unknown }> {
  const items: string[] = [];
  try {
    for await (const item of toAsyncIterable(source$)) items.push(JSON.stringify(item));
    return { items };
  } catch (error) {
    return { items, error };
  }
}

/** Aborts when a number passes for the first time: immediately, or on a later turn of the event loop. */
function abortingAt(number: number, abort: AbortController, isLater: boolean): MonoTypeOperatorFunction<number> {
  return map((item) => {
    if (item === number && isLater) void nextTurn().then(() => abort.abort(broken));
    else if (item === number) abort.abort(broken);
    return item;
  });
}

describe('a source that fails', () => {
  it('is below every operator in this test', () => {
    const tested = Object.keys(stagesByName).map((name) => name.split(' ')[0]);
    expect([...new Set([...tested, ...REFUSED, 'resumable'])].sort()).toEqual(Object.keys(operators).sort());
  });

  describe.each(Object.entries(stagesByName))('below %s', (_name, makeStage) => {
    it('repeats and loses nothing with resumable and retry, at any place of failure', async () => {
      const whole = await take(failingOnce(-1).pipe(makeStage()));
      expect(whole).toEqual({ items: expect.anything() });
      for (let after = 0; after <= COUNT; after++) {
        const retried$ = failingOnce(after).pipe(makeStage(), resumable(), retry(1));
        expect(await take(retried$)).toEqual(whole);
      }
    });

    it.each([false, true])('repeats and loses nothing when a signal aborts it (later: %s)', async (isLater) => {
      const whole = await take(failingOnce(-1).pipe(makeStage()));
      for (let number = 0; number < COUNT; number += 3) {
        const abort = new AbortController();
        const first = resumable<unknown>();
        const numbers$ = failingOnce(-1).pipe(abortingAt(number, abort, isLater), abortable(abort.signal));
        const before = await take(numbers$.pipe(makeStage(), first));
        const cursor = JSON.parse(JSON.stringify(first.cursor())) as Cursor;
        const after = await take(failingOnce(-1).pipe(makeStage(), resumable({ cursor })));
        // An abort after the last item has no effect.
        const rest = before.error === undefined ? [] : after.items;
        expect([...before.items, ...rest]).toEqual(whole.items);
      }
    });
  });

  it('makes shuffle emit the items that were due, and drop the rest of its buffer', () => {
    const whole = notifications(of(1, 2, 3, 4, 5, 6).pipe(shuffle(3, { seed: 1 })));
    const failing = concat(
      of(1, 2, 3, 4),
      throwError(() => broken),
    );
    expect(notifications(failing.pipe(shuffle(3, { seed: 1 })))).toEqual([...whole.slice(0, 2), broken]);
  });

  it('makes broadcast fail each sink after the received items', () => {
    const sink$ = failingOnce(3).pipe(broadcast({ sinks: 2 }));
    const seen = [consumeByHand(sink$, { isOpen: true }), consumeByHand(sink$, { isOpen: true })];
    for (const sink of seen) expect([sink.items, sink.ending()]).toEqual([[0, 1, 2], broken]);
  });

  it('makes mergeChannels fail at its turn, although other sources have items', () => {
    expect(notifications(mergeChannels([fromIterable(['a', 'b', 'c']), failingOnce(1)]))).toEqual([
      'a',
      0,
      'b',
      broken,
    ]);
    expect(notifications(mergeChannels([NEVER, failingOnce(0)]))).toEqual([broken]);
  });

  it("makes decompress('auto') drop first bytes that are too few to detect the format", async () => {
    const zlibOrText = concat(
      of(Buffer.from('x^\n')),
      throwError(() => broken),
    );
    expect(await take(zlibOrText.pipe(decompress('auto')))).toEqual({ items: [], error: broken });
  });

  it('makes decompress emit its output', async () => {
    const cut = concat(
      of(gzipSync(encodeTFRecord(Buffer.alloc(200_000)), { level: 0 }).subarray(0, 150_000)),
      throwError(() => broken),
    );
    const { items, error } = await take(
      cut.pipe(
        decompress('gzip'),
        map(({ length }) => length),
      ),
    );
    expect(error).toBe(broken);
    expect(items.map(Number)[0]).toBe(64 * 1024);
  });
});

describe('shuffle', () => {
  it('has the same order if its gate closes during a synchronous burst', () => {
    const bursts$ = fromIterable([[0, 1, 2, 3], [4], [5, 6, 7], [8, 9]]);
    const shuffled$ = (): Observable<number> =>
      bursts$.pipe(
        mergeMap((burst) => burst),
        shuffle(3, { seed: 5 }),
      );
    const atOnce = consumeByHand(shuffled$(), { isOpen: true });
    const oneByOne = consumeByHand(shuffled$(), { onItem: (_item, gate) => gate.close() });
    while (oneByOne.ending() === undefined) oneByOne.gate.open();
    expect(oneByOne.items).toEqual(atOnce.items);
  });
});
