import { performance } from 'node:perf_hooks';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { NEVER, Subject, range, take, type Observable } from 'rxjs';
import { decodeTextLine } from '../../operators/decodeTextLine.js';
import { monitor, type MonitorReport } from '../../operators/monitor.js';
import { pullSource, type Outlet } from '../../src/demand/pullSource.js';
import { fromIterable } from '../../src/sources/fromIterable.js';
import { nextTurn, until } from '../support/fifoWriter.js';
import { consumeByHand } from '../../src/testing/consumeByHand.js';
import { marbles } from '../support/marbles.js';
import { notifications } from '../support/notifications.js';
import { pullSlowly } from '../support/slowConsumer.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const newFolder = temporaryFolders();

/** Stores reports. */
function recorder(): { readonly reports: MonitorReport[]; readonly onReport: (report: MonitorReport) => void } {
  const reports: MonitorReport[] = [];
  return { reports, onReport: (report) => reports.push(report) };
}

const summary = ({ ending, total, sinceLast }: MonitorReport): unknown => [ending, total.records, sinceLast.records];

describe('monitor', () => {
  it('does not change the items', () => {
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('  -a-(bc)-d-|');
      const subscribed = '  ^---------!';
      const { reports, onReport } = recorder();
      expectObservable(source.pipe(monitor({ onReport }))).toBe('-a-(bc)-d-|');
      expectSubscriptions(source.subscriptions).toBe(subscribed);
      expect(reports).toEqual([]);
    });
  });

  it('reports after each everyRecords records, and at the end', () => {
    const { reports, onReport } = recorder();
    range(0, 7)
      .pipe(monitor({ name: 'numbers', everyRecords: 3, onReport }))
      .subscribe();
    expect(reports.map(summary)).toEqual([
      [undefined, 3, 3],
      [undefined, 6, 3],
      ['completed', 7, 1],
    ]);
    expect(new Set(reports.map(({ name }) => name))).toEqual(new Set(['numbers']));
  });

  it('counts bytes of records and of other items', () => {
    const { reports, onReport } = recorder();
    const view = new Uint8Array(1000).subarray(0, 100);
    notifications(fromIterable<unknown>([view, new Float32Array(25), 'text']).pipe(monitor({ onReport })));
    expect(reports[0]?.total.bytes).toBe(100 + 100 + 8);
  });

  it('reports at each interval of time, and keeps no timer afterwards', () => {
    jest.useFakeTimers();
    try {
      const { reports, onReport } = recorder();
      const subscription = NEVER.pipe(monitor({ everyMs: 100, onReport })).subscribe();
      jest.advanceTimersByTime(350);
      expect([reports.length, jest.getTimerCount()]).toEqual([3, 1]);
      subscription.unsubscribe();
      expect(reports.map(({ ending }) => ending)).toEqual([undefined, undefined, undefined, 'unsubscribed']);
      expect(jest.getTimerCount()).toBe(0);
    } finally {
      jest.useRealTimers();
    }
  });

  it('reports its end once', () => {
    const { reports, onReport } = recorder();
    const source = new Subject<number>();
    const measured = source.pipe(monitor({ onReport }));
    measured.pipe(take(1)).subscribe();
    const failing = notifications(measured);
    source.next(1);
    source.error('source');
    expect(failing).toEqual([1, 'source']);
    expect(reports.map(summary)).toEqual([
      ['unsubscribed', 1, 1],
      ['failed', 1, 1],
    ]);
  });

  it('notifies an exception of the callback at any time', async () => {
    const onReport = (): void => {
      throw new Error('callback');
    };
    expect(notifications(range(0, 9).pipe(monitor({ everyRecords: 2, onReport })))[1]).toEqual(new Error('callback'));
    expect(notifications(range(0, 2).pipe(monitor({ onReport })))).toEqual([0, 1, new Error('callback')]);
    let failure: unknown;
    const thrower = (report: MonitorReport): void => {
      if (!report.ending) throw new Error('timer');
    };
    NEVER.pipe(monitor({ everyMs: 1, onReport: thrower })).subscribe({ error: (error: unknown) => (failure = error) });
    await until(() => failure !== undefined);
    expect(failure).toEqual(new Error('timer'));
  });

  it('writes lines without a callback', () => {
    const error = jest.spyOn(console, 'error').mockImplementation(() => undefined);
    try {
      notifications(fromIterable([new Uint8Array(5)]).pipe(monitor({ name: 'train', everyRecords: 1 })));
      expect(error.mock.calls).toEqual([
        [expect.stringMatching(/^train: 1 records, 0\.000 MB in .* s: .* MB\/s, .* records\/s; waited .* consumer$/)],
        [expect.stringMatching(/^train completed: 1 records/)],
      ]);
    } finally {
      error.mockRestore();
    }
  });

  it('throws at the call for bad options', () => {
    for (const [path, options] of Object.entries({
      everyRecords: { everyRecords: 0 },
      everyMs: { everyMs: -1 },
      name: { name: '' },
      onReport: { onReport: 1 as never },
    })) {
      expect(() => monitor(options)).toThrow(expect.objectContaining({ path }));
    }
  });
});

describe('the times of monitor', () => {
  let now = 0;
  let clock: { mockRestore: () => void };
  beforeEach(() => {
    now = 0;
    clock = jest.spyOn(performance, 'now').mockImplementation(() => now);
  });
  afterEach(() => clock.mockRestore());

  /** A source whose values the test delivers. */
  function sourceByHand(): { readonly source$: Observable<number>; readonly outlet: () => Outlet<number> } {
    let outlet: Outlet<number> | undefined;
    const source$ = pullSource<number>((opened) => {
      outlet = opened;
      return { pull: () => undefined, close: () => undefined };
    });
    return { source$, outlet: () => outlet as Outlet<number> };
  }

  it('are input while records are wanted and none come, consumer while none are wanted, else work', async () => {
    const { reports, onReport } = recorder();
    const { source$, outlet } = sourceByHand();
    const consumer = consumeByHand(source$.pipe(monitor({ onReport })), {
      onItem: (_item, gate) => {
        now += 1; // Work downstream.
        gate.close();
      },
    });
    now += 1000; // No demand.
    consumer.gate.open();
    now += 200; // The stage waits for input.
    outlet().deliver(1);
    await nextTurn();
    now += 5000; // The stage processes the record.
    consumer.gate.open();
    now += 300;
    outlet().deliver(2);
    await nextTurn();
    consumer.gate.open();
    outlet().complete();
    expect(reports.map(({ total }) => total)).toEqual([
      expect.objectContaining({ records: 2, inputMs: 500, consumerMs: 6000, workMs: 2, elapsedMs: 6502 }),
    ]);
  });

  it('are consumer if its gate opens for a waiting record', async () => {
    const { reports, onReport } = recorder();
    const consumer = consumeByHand(fromIterable([1, 2, 3]).pipe(monitor({ onReport })), {
      onItem: (_item, gate) => gate.close(),
    });
    for (let i = 0; i < 4; i++) {
      now += 100;
      consumer.gate.open();
      await nextTurn();
    }
    expect(reports[0]?.total).toMatchObject({ inputMs: 0, consumerMs: 400, workMs: 0 });
  });

  it('have one period of work, with two reads of the clock, for a synchronous burst of records', async () => {
    clock.mockRestore();
    const looks = jest.spyOn(performance, 'now');
    clock = looks;
    const records = new Subject<number>();
    const subscription = records.pipe(monitor({ onReport: () => undefined })).subscribe();
    looks.mockClear();
    for (let i = 0; i < 10_000; i++) records.next(i);
    await nextTurn();
    expect(looks).toHaveBeenCalledTimes(2);
    subscription.unsubscribe();
  });
});

describe('monitor on a FIFO', () => {
  it('accounts for all the time, and finds the consumer busy', async () => {
    const { reports, onReport } = recorder();
    const bytes = Buffer.from('line\n'.repeat(5000));
    await pullSlowly(
      { path: join(newFolder(), 'fifo'), bytes, steps: 20 },
      (bytes$) => bytes$.pipe(decodeTextLine(), monitor({ onReport })),
      () => undefined,
    );
    const { ending, total } = reports.at(-1) as MonitorReport;
    expect([ending, total.records, total.bytes]).toEqual(['unsubscribed', 20, 80]);
    expect(total.inputMs + total.consumerMs + total.workMs).toBeCloseTo(total.elapsedMs, 6);
    expect(total.consumerMs).toBeGreaterThan(0);
    expect(total.inputMs).toBeGreaterThan(0);
  });
});
