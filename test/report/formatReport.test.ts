import { describe, expect, it } from '@jest/globals';
import { map } from 'rxjs';
import { prefetch } from '../../operators/prefetch.js';
import { report } from '../../operators/report.js';
import { formatReport } from '../../src/report/formatReport.js';
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
      '                  in    MB  out  waits for input  for consumer             queue  held up',
      'channel("train")   4  0.04    4           80.0 %         0.0 %                     60.0 %',
      'prefetch(2)        4  0.04    4           80.0 %         0.0 %  0.0 of 2, most 0    0.0 %',
      'training, 2.00 s: 60.0 % waiting for a stage, 20.0 % at work on the pipeline, 20.0 % busy',
      'training waited for input 80 % of the time, 60 % for the source `channel("train")`: make the input of this source faster.',
    ]);
  });

  it('shows no percentages if no time has passed', () => {
    expect(formatReport(report().read()).split('\n').at(-1)).toBe('the consumer has read nothing yet.');
  });
});
