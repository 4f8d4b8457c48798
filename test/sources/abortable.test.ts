import { getEventListeners } from 'node:events';
import { NEVER, of } from 'rxjs';
import { abortable } from '../../src/sources/abortable.js';
import { notifications } from '../support/notifications.js';

describe('abortable', () => {
  it('adds one listener to a signal for any number of sources, and removes it when all have ended', () => {
    const { signal } = new AbortController();
    const source$ = NEVER.pipe(abortable(signal));
    const subscriptions = Array.from({ length: 20 }, () => source$.subscribe());
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    for (const subscription of subscriptions.slice(1)) subscription.unsubscribe();
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    subscriptions[0]!.unsubscribe();
    expect(getEventListeners(signal, 'abort')).toEqual([]);
    source$.subscribe().unsubscribe();
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('ends all subscribed sources with the reason of the signal', () => {
    const stop = new AbortController();
    const reason = new Error('enough');
    const source$ = NEVER.pipe(abortable(stop.signal));
    const seen = Array.from({ length: 3 }, () => {
      const errors: unknown[] = [];
      const subscription = source$.subscribe({ error: (error: unknown) => errors.push(error) });
      return { errors, subscription };
    });
    seen[1]!.subscription.unsubscribe();
    stop.abort(reason);
    expect(seen.map(({ errors }) => errors)).toEqual([[reason], [], [reason]]);
    expect(seen[0]!.errors[0]).toBe(reason);
    expect(getEventListeners(stop.signal, 'abort')).toEqual([]);
  });

  it('ends a source at once that is subscribed after the abort, without a listener', () => {
    const signal = AbortSignal.abort(new Error('enough'));
    expect(notifications(of(1).pipe(abortable(signal)))).toEqual([signal.reason]);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('allows a source to end other sources of its signal while it ends', () => {
    const stop = new AbortController();
    const source$ = NEVER.pipe(abortable(stop.signal));
    const errors: unknown[] = [];
    source$.subscribe({ error: () => other.unsubscribe() });
    const other = source$.subscribe({ error: (error: unknown) => errors.push(error) });
    stop.abort();
    expect(errors).toEqual([]);
  });
});
