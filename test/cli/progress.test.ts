import { describe, expect, it } from '@jest/globals';
import { Progress } from '../../src/cli/progress.js';
import { handClock } from '../support/handClock.js';

/** Returns an output that stores the written text. */
function output(isTTY: boolean, columns?: number) {
  const written: string[] = [];
  return { written, isTTY, columns, write: (text: string) => written.push(text) > 0 };
}

describe('Progress', () => {
  const clock = handClock();

  it('writes nothing to a terminal for two seconds, then updates one line', () => {
    const terminal = output(true);
    const progress = new Progress(terminal, { total: 4e6 });
    clock.busy(1999);
    progress.show({ bytes: 1e6, records: 10 });
    expect(terminal.written).toEqual([]);
    clock.busy(1);
    progress.show({ bytes: 1e6, records: 10 });
    clock.busy(500);
    progress.show({ bytes: 2e6, records: 20 });
    progress.clear();
    const [first, toStart, erase, second, ...rest] = terminal.written;
    expect(first).toBe('millrace: read 1.0 of 4.0 MB (25 %), 10 records in 2 s, 0.5 MB/s, 6 s left');
    expect([toStart, erase]).toEqual(rest);
    expect(second).toBe('millrace: read 2.0 of 4.0 MB (50 %), 20 records in 3 s, 0.8 MB/s, 3 s left');
  });

  it.each([
    [40, 'millrace: read 1,234.0 of 4,000.0 MB (…'],
    [200, 'millrace: read 1,234.0 of 4,000.0 MB (31 %), 1,234,567 records in 2 s, 617.0 MB/s, 4 s left'],
    [0, 'millrace: read 1,234.0 of 4,000.0 MB (31 %), 1,234,567 records in 2 s, 617.0 MB/s, 4 s left'],
  ])('writes one line on a terminal of %d columns', (columns, line) => {
    const terminal = output(true, columns);
    const progress = new Progress(terminal, { total: 4e9 });
    clock.busy(2000);
    progress.show({ bytes: 1.234e9, records: 1_234_567 });
    expect(terminal.written).toEqual([line]);
    if (columns === 40) expect(line.length).toBe(39);
  });

  it('writes a plain line every half minute to other outputs', () => {
    const file = output(false);
    const progress = new Progress(file, {});
    for (let second = 1; second <= 60; second++) {
      clock.busy(1000);
      progress.show({ bytes: second * 1e6, records: second });
    }
    progress.clear();
    expect(file.written).toEqual([
      'millrace: read 30.0 MB, 30 records in 30 s, 1 records/s\n',
      'millrace: read 60.0 MB, 60 records in 60 s, 1 records/s\n',
    ]);
  });

  it('can count records instead of bytes', () => {
    const file = output(false);
    const progress = new Progress(file, { total: 4000 });
    clock.busy(30_000);
    progress.show({ records: 1000 });
    expect(file.written).toEqual(['millrace: read 1,000 of 4,000 records (25 %) in 30 s, 33 records/s, 90 s left\n']);
  });

  it('of a download has no records', () => {
    const file = output(false);
    const progress = new Progress(file, { total: 4e6, verb: 'downloaded' });
    clock.busy(30_000);
    progress.show({ bytes: 1e6 });
    expect(file.written).toEqual(['millrace: downloaded 1.0 of 4.0 MB (25 %) in 30 s, 0.0 MB/s, 90 s left\n']);
  });
});
