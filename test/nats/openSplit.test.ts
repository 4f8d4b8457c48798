import { describe, expect, it } from '@jest/globals';
import { OpenSplit } from '../../src/nats/trainer/openSplit.js';

const STALE_MS = 60_000;

/** A split for whose items there is never room, so that none is requested. */
function newSplit() {
  const dismissed: string[] = [];
  const split = new OpenSplit({
    index: 0,
    ask: () => Promise.resolve(false),
    dismiss: (holder) => dismissed.push(holder),
    reserve: () => new Promise(() => undefined),
    reserveMore: () => 0,
    adjust: () => undefined,
    onChange: () => undefined,
    onInvalid: () => undefined,
  });
  return { split, dismissed };
}

describe('OpenSplit', () => {
  it('does not return to a helper that it has dismissed, whose heartbeat comes late', () => {
    const { split, dismissed } = newSplit();
    expect(split.hold('first', 'a', STALE_MS)).toEqual({ type: 'work', from: 0 });
    split.yield();
    expect(dismissed).toEqual(['first']);
    expect(split.hold('first', 'a', STALE_MS)).toEqual({ type: 'later' });
    expect(split.hold('second', 'b', STALE_MS)).toEqual({ type: 'work', from: 0 });
    expect([split.holder?.id, split.attempts]).toEqual(['second', 0]);
  });
});
