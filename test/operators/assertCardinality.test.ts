import { describe, expect, it, jest } from '@jest/globals';
import { firstValueFrom, NEVER, pipe, repeat, startWith, Subject, take, toArray } from 'rxjs';
import { assertCardinality } from '../../operators/assertCardinality.js';
import { batch } from '../../operators/batch.js';
import { monitor, type MonitorReport } from '../../operators/monitor.js';
import { prefetch } from '../../operators/prefetch.js';
import { resumable } from '../../operators/resumable.js';
import { zipChannels } from '../../operators/zipChannels.js';
import type { ExpectedItems } from '../../src/report/expectedItems.js';
import { fromIterable } from '../../src/sources/fromIterable.js';
import { fixtureJson } from '../formats/support/fixtures.js';
import { countedNumbers } from '../support/countedNumbers.js';
import { marbles } from '../support/marbles.js';
import { notifications } from '../support/notifications.js';
import { all, numbers } from './resuming.js';

interface Golden {
  readonly assertCardinality: readonly {
    readonly items: number;
    readonly count: number;
    readonly seen: number;
    /** What TensorFlow says that the dataset contained. */
    readonly error: string | null;
  }[];
}

const { assertCardinality: golden } = fixtureJson('splits/cases.json') as Golden;

/** Stores the progress of each report that is not the last one. */
function recorder() {
  const progress: (readonly [number, number] | undefined)[] = [];
  const onReport = (report: MonitorReport): void => {
    if (report.ending) return;
    progress.push(report.progress && [report.progress.items, report.progress.expected]);
  };
  return { progress, onReport };
}

describe('assertCardinality', () => {
  it.each(golden)('fails like tf.data with $items items for $count', ({ items, count, seen, error }) => {
    const found = notifications(numbers(items).pipe(assertCardinality(count)));
    expect(found.slice(0, -1)).toHaveLength(seen);
    const message = `assertCardinality: expected ${count} items, found ${error}.`;
    expect(found.at(-1)).toEqual(
      error === null
        ? 'complete'
        : expect.objectContaining({ code: 'ERR_CARDINALITY', message: expect.stringContaining(message) as unknown }),
    );
  });

  it('passes items on as they arrive, and fails at the first item too many', () => {
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('  -a-b-c-d-|');
      const subscribed = '  ^----!    ';
      const expected = '    -a-b-#    ';
      const error: unknown = expect.objectContaining({ code: 'ERR_CARDINALITY' });
      expectObservable(source.pipe(assertCardinality(2))).toBe(expected, undefined, error);
      expectSubscriptions(source.subscriptions).toBe(subscribed);
    });
  });

  it('fails when the source ends early, and keeps an error of the source', () => {
    marbles(({ cold, expectObservable }) => {
      const error: unknown = expect.objectContaining({ code: 'ERR_CARDINALITY' });
      expectObservable(cold('-a-|').pipe(assertCardinality(2))).toBe('-a-#', undefined, error);
      expectObservable(cold('-a-#').pipe(assertCardinality(2))).toBe('-a-#');
    });
  });

  it('never ends with its source, and is empty with an empty source', () => {
    marbles(({ cold, hot, expectObservable, expectSubscriptions }) => {
      expectObservable(NEVER.pipe(assertCardinality(0))).toBe('-');
      expectObservable(cold<never>('--|').pipe(assertCardinality(0))).toBe('--|');
      const source = hot('-a-b-|');
      const subscribed = '^-!   ';
      expectObservable(source.pipe(assertCardinality(9)), '^-!').toBe('-a-');
      expectSubscriptions(source.subscriptions).toBe(subscribed);
    });
  });

  it('stops a synchronous source at the first item too many, or when downstream unsubscribes', () => {
    for (const [operator, most] of [
      [assertCardinality(3), 4],
      [pipe(assertCardinality(9), take(2)), 2],
    ] as const) {
      const { numbers, made } = countedNumbers(100);
      notifications(fromIterable(numbers).pipe(operator));
      expect(made()).toBe(most);
    }
  });

  it('counts each epoch, and does not check an epoch that the consumer leaves', () => {
    expect(notifications(numbers(2).pipe(assertCardinality(2), repeat(2)))).toEqual([0, 1, 0, 1, 'complete']);
    expect(notifications(numbers(9).pipe(assertCardinality(5), take(3)))).toEqual([0, 1, 2, 'complete']);
  });

  it('throws at the call for a bad count', () => {
    for (const count of [-1, 0.5, NaN, '7']) expect(() => assertCardinality(count as number)).toThrow(/count/);
  });

  it('works before resumable, but not with recordsPerItem', async () => {
    const source$ = numbers(4).pipe(assertCardinality(4));
    const resume = resumable<number>();
    await firstValueFrom(source$.pipe(resume, take(2), toArray()));
    expect(await all(source$.pipe(resumable({ cursor: resume.cursor() })))).toEqual([2, 3]);
    await expect(all(source$.pipe(resumable({ recordsPerItem: 1 })))).rejects.toThrow(/assertCardinality/);
  });

  describe('shows its progress to monitor', () => {
    it('in the items that it counts, through batches and buffers', async () => {
      const { progress, onReport } = recorder();
      const batch$ = numbers(6).pipe(
        assertCardinality(6),
        batch(2),
        prefetch(1),
        monitor({ everyRecords: 1, onReport }),
      );
      await all(batch$);
      expect(progress.map((found) => found?.[1])).toEqual([6, 6, 6]);
      const counted = progress.map((found) => found?.[0] ?? 0);
      expect(counted).toEqual([...counted].sort());
      expect(counted.at(-1)).toBe(6);
    });

    it('of the last one in a row, and of both inputs together', async () => {
      const { progress, onReport } = recorder();
      const batches = assertCardinality<number[]>(2);
      await all(numbers(4).pipe(assertCardinality(4), batch(2), batches, monitor({ everyRecords: 1, onReport })));
      expect(progress).toEqual([
        [1, 2],
        [2, 2],
      ]);
      const both = recorder();
      const inputs = { a: numbers(2).pipe(assertCardinality(2)), b: numbers(2).pipe(assertCardinality(2)) };
      await all(zipChannels(inputs).pipe(monitor({ everyRecords: 2, onReport: both.onReport })));
      expect(both.progress).toEqual([[4, 4]]);
    });

    it('of the running epoch, also through another monitor', () => {
      const { progress, onReport } = recorder();
      const inner = recorder();
      const source$ = fromIterable(['a', 'b']).pipe(
        assertCardinality(2),
        monitor({ everyRecords: 1, onReport: inner.onReport }),
        repeat(2),
        monitor({ everyRecords: 1, onReport }),
      );
      notifications(source$);
      const epoch = [
        [1, 2],
        [2, 2],
      ];
      expect(progress).toEqual([...epoch, ...epoch]);
      expect(inner.progress).toEqual(progress);
      const without = recorder();
      notifications(numbers(1).pipe(monitor({ everyRecords: 1, onReport: without.onReport })));
      expect(without.progress).toEqual([undefined]);
    });

    it('with the time left', () => {
      jest.useFakeTimers();
      try {
        const seen: (ExpectedItems | undefined)[] = [];
        const onReport = ({ progress }: MonitorReport): unknown => seen.push(progress);
        const source = new Subject<number>();
        const subscription = source.pipe(assertCardinality(10), monitor({ everyMs: 1000, onReport })).subscribe();
        jest.advanceTimersByTime(1000);
        for (let i = 0; i < 4; i++) source.next(i);
        jest.advanceTimersByTime(1000);
        subscription.unsubscribe();
        expect(seen.slice(0, 2)).toEqual([
          { items: 0, expected: 10, remainingMs: undefined },
          { items: 4, expected: 10, remainingMs: 3000 },
        ]);
      } finally {
        jest.useRealTimers();
      }
    });

    it('in the line that monitor writes by default', () => {
      const write = jest.spyOn(console, 'error').mockImplementation(() => undefined);
      try {
        const source$ = NEVER.pipe(startWith(1), assertCardinality(3), monitor({ everyRecords: 1 }));
        source$.subscribe().unsubscribe();
        const lines = write.mock.calls.map(([line]) => String(line));
        expect(lines[0]).toMatch(/for the consumer; 1 of 3 items, 0 s left$/);
        expect(lines[1]).toMatch(/for the consumer$/);
      } finally {
        write.mockRestore();
      }
    });
  });
});
