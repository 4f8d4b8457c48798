import { describe, expect, it } from '@jest/globals';
import { Meter } from '../../src/report/meter.js';

describe('Meter', () => {
  it('measures the time of each phase, in total and since the last read', () => {
    let now = 1000;
    const meter = new Meter(() => now);
    now += 30; // Waits for input.
    meter.enter('workMs');
    meter.records += 4;
    meter.bytes += 1000;
    now += 10;
    meter.enter('consumerMs');
    now += 60;
    const first = {
      ...{ records: 4, bytes: 1000, elapsedMs: 100, inputMs: 30, workMs: 10, consumerMs: 60 },
      ...{ megabytesPerSecond: 0.01, recordsPerSecond: 40 },
    };
    expect(meter.read()).toEqual({ total: first, sinceLast: first });
    meter.enter('inputMs');
    now += 100;
    meter.records++;
    const { total, sinceLast } = meter.read();
    expect(total).toMatchObject({ records: 5, elapsedMs: 200, inputMs: 130, recordsPerSecond: 25 });
    expect(sinceLast).toMatchObject({ records: 1, bytes: 0, elapsedMs: 100, inputMs: 100, workMs: 0, consumerMs: 0 });
  });

  it('reads the clock only when the phase changes', () => {
    let looks = 0;
    const meter = new Meter(() => looks++);
    meter.enter('inputMs');
    expect(looks).toBe(1);
    meter.enter('workMs');
    meter.enter('workMs');
    expect(looks).toBe(2);
  });

  it('counts no time without a phase', () => {
    let now = 0;
    const meter = new Meter(() => now, false);
    now = 10;
    meter.enter('workMs');
    now = 15;
    meter.enter(undefined);
    now = 100;
    expect(meter.tally()).toEqual({ records: 0, bytes: 0, inputMs: 0, consumerMs: 0, workMs: 5 });
  });

  it('uses the time of a caller that knows it', () => {
    let looks = 0;
    const meter = new Meter(() => looks++);
    meter.enter('consumerMs', 10);
    meter.enter('workMs', 30);
    expect([looks, meter.tally(60)]).toEqual([1, { records: 0, bytes: 0, inputMs: 10, consumerMs: 20, workMs: 30 }]);
  });

  it('has rates of 0 if no time has passed', () => {
    const meter = new Meter(() => 5);
    meter.records = 1;
    expect(meter.read().total).toMatchObject({ elapsedMs: 0, recordsPerSecond: 0, megabytesPerSecond: 0 });
  });
});
