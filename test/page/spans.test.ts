import { describe, expect, it } from '@jest/globals';
import { Spans } from '../../src/page/spans.js';

describe('Spans', () => {
  it('keeps each span while they are few', () => {
    const spans = new Spans<string>();
    spans.add('a', { name: 'works', fromMs: 0, toMs: 0.001 });
    spans.add('a', { name: 'works', fromMs: 0.001, toMs: 1 });
    expect([spans.of('a').length, spans.of('b').length, spans.resolutionMs]).toEqual([2, 0, 0]);
  });

  it('joins and drops short spans if they are more than 50,000, so that long ones remain', () => {
    const spans = new Spans<string>();
    const long = { name: 'waits', fromMs: 0, toMs: 5000 };
    spans.add('b', long);
    for (let i = 0; i < 300_000; i++) spans.add('a', { name: 'works', fromMs: i, toMs: i + 0.5 });
    expect(spans.of('a').length).toBeLessThanOrEqual(50_000);
    expect(spans.of('b')).toEqual([long]);
    expect(spans.resolutionMs).toBeGreaterThan(0.5);
    expect(spans.of('a').at(0)?.fromMs).toBe(0);
    expect(spans.of('a').at(-1)?.toMs).toBe(299_999.5);
  });
});
