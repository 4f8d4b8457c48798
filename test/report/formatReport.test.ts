import { describe, expect, it } from '@jest/globals';
import { map } from 'rxjs';
import { prefetch } from '../../operators/prefetch.js';
import { report } from '../../operators/report.js';
import { formatReport } from '../../src/report/formatReport.js';
import { fromIterable } from '../../src/sources/fromIterable.js';
import { consumeByHand } from '../../src/testing/consumeByHand.js';
import { handClock } from '../support/handClock.js';
import { sourceByHand } from '../support/sourceByHand.js';

describe('formatReport', () => {
  const clock = handClock();

  it('has an aligned line for each stage, then the consumer and the verdict', () => {
    const watched = report({ consumer: 'training' });
    const { source$, deliver } = sourceByHand<Uint8Array>('channel("train")');
    const parse = map((item: Uint8Array) => {
      clock.busy(100);
      return item;
    });
    const { gate } = consumeByHand(source$.pipe(parse, prefetch(2), watched), { onItem: (_item, own) => own.close() });
    for (let i = 0; i < 4; i++) {
      gate.open();
      clock.idle(300);
      deliver(new Uint8Array(10_000));
      clock.busy(100);
    }
    expect(formatReport(watched.read()).split('\n')).toEqual([
      '                                   waits       for              held',
      '                  in  MB in  out   input  consumer     queue      up',
      'channel("train")   4   0.04    4  80.0 %     0.0 %            60.0 %',
      'prefetch(2)        4   0.04    4  80.0 %     0.0 %  0.0 of 2   0.0 %',
      'training, 2.00 s: 60.0 % waiting for a stage, 20.0 % work of the pipeline, 20.0 % busy',
      'training waited for input 80 % of the time, 60 % for the source `channel("train")`: make the input of this source faster.',
    ]);
  });

  it('has a table of at most 80 columns, also with long names and large numbers', () => {
    const figures = { records: 999_999, bytes: 999_999e6, inputMs: 1000, consumerMs: 1000 };
    const queue = { mean: 999_999, most: 1, capacity: 999_999 };
    const thread = { name: 'thread 63', items: 123_456, workMs: 1, waitMs: 2, held: 1.234 };
    const stage = { figures, queue, emitted: 123_456_789_012, heldUpMs: 1000, threads: [thread] };
    const stages = ['short', 'a'.repeat(40), 'b'.repeat(100)].map((name) => ({ ...stage, name }));
    const lines = formatReport({ ...report().read(), elapsedMs: 1000, stages } as never)
      .split('\n')
      .slice(0, -2);
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(80);
    expect(lines[2]?.split(/ {2,}/)).toEqual([
      'short',
      '999,999',
      '999,999',
      '123.5B',
      '100.0 %',
      '100.0 %',
      '999,999 of 999,999',
      '100.0 %',
    ]);
    expect(lines[3]).toBe('  thread 63: 33.3 % work, 66.7 % waiting, 123,456 items, 1.23 held on average');
    expect(lines[4]).toBe('a'.repeat(40));
  });

  it('adds the queues of simultaneous subscriptions, and their limits', () => {
    const watched = report();
    const item$ = fromIterable([1, 2, 3]).pipe(prefetch(2), watched);
    for (let i = 0; i < 2; i++) consumeByHand(item$, { onItem: (_item, gate) => gate.close() });
    clock.idle(1000);
    expect(watched.read().stages.at(-1)?.queue).toMatchObject({ mean: 4, most: 4, capacity: 4 });
  });

  it('shows no percentages if no time has passed', () => {
    expect(formatReport(report().read()).split('\n').at(-1)).toBe('the consumer has read nothing yet.');
  });
});
