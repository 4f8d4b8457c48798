import { describe, expect, it } from '@jest/globals';
import { repeat, startWith, take } from 'rxjs';
import { broadcast } from '../../operators/broadcast.js';
import { fromIterable } from '../../src/sources/fromIterable.js';
import { consumeByHand } from '../../src/testing/consumeByHand.js';
import { collectWarnings } from '../support/collectWarnings.js';
import { countedNumbers } from '../support/countedNumbers.js';
import { nextTurn } from '../support/fifoWriter.js';
import { marbles } from '../support/marbles.js';

describe('broadcast', () => {
  it('emits every item to all subscribers, after the last one has subscribed', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('     -a-b-|');
      const broadcasted = source.pipe(broadcast({ sinks: 2 }));
      expectObservable(broadcasted, '^-------').toBe('---a-b-|');
      expectObservable(broadcasted, '--^-----').toBe('---a-b-|');
      expectSubscriptions(source.subscriptions).toBe('--^----!');
    });
  });

  it('notifies an error to all', () => {
    marbles(({ cold, expectObservable }) => {
      const broadcasted = cold('-#').pipe(broadcast({ sinks: 2 }));
      expectObservable(broadcasted).toBe('-#');
      expectObservable(broadcasted).toBe('-#');
    });
  });

  it('unsubscribes its source when the last sink has unsubscribed', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('-a-b-c-d-');
      const broadcasted = source.pipe(broadcast({ sinks: 2 }));
      expectObservable(broadcasted, '^-!').toBe('-a-');
      expectObservable(broadcasted, '^---!').toBe('-a-b-');
      expectSubscriptions(source.subscriptions).toBe('^---!');
    });
  });

  it('requests an item only while all want one', () => {
    const { numbers, made } = countedNumbers(100);
    const broadcasted = fromIterable(numbers).pipe(broadcast({ sinks: 2 }));
    const shut = { onItem: (_item: number, gate: { close: () => void }) => gate.close() };
    const one = consumeByHand(broadcasted, shut);
    const other = consumeByHand(broadcasted, shut);
    one.gate.open();
    expect(made()).toBe(0);
    other.gate.open();
    expect([one.items, other.items, made()]).toEqual([[0], [0], 1]);
    other.gate.open();
    expect(made()).toBe(1);
    one.gate.open();
    expect([one.items, other.items, made()]).toEqual([[0, 1], [0, 1], 2]);
  });

  it('does not warn about a first item that arrives before the sinks', async () => {
    const warnings = await collectWarnings(async () => {
      const broadcasted = fromIterable([1]).pipe(startWith(0), broadcast({ sinks: 2 }));
      const first = consumeByHand(broadcasted, { isOpen: true });
      await nextTurn();
      consumeByHand(broadcasted, { isOpen: true });
      expect(first.items).toEqual([0, 1]);
    });
    expect(warnings).toEqual([]);
  });

  it('begins a new round when the same number of sinks subscribes again', () => {
    const seen: string[] = [];
    const broadcasted = fromIterable([1, 2]).pipe(broadcast({ sinks: 2 }));
    for (const name of ['a', 'b']) broadcasted.pipe(repeat(2)).subscribe((item) => seen.push(`${name}${item}`));
    expect(seen).toEqual(['a1', 'b1', 'a2', 'b2', 'a1', 'b1', 'a2', 'b2']);
  });

  it('ignores a sink that unsubscribes before the round begins', () => {
    const seen: number[] = [];
    const broadcasted = fromIterable([1]).pipe(broadcast({ sinks: 2 }));
    broadcasted.subscribe().unsubscribe();
    broadcasted.subscribe((item) => seen.push(item));
    expect(seen).toEqual([]);
    broadcasted.subscribe((item) => seen.push(item));
    expect(seen).toEqual([1, 1]);
  });

  it('notifies an error to a surplus sink', () => {
    const errors: unknown[] = [];
    const consumed = consumeByHand(fromIterable([1, 2, 3]).pipe(broadcast({ sinks: 1 })));
    const broadcasted = fromIterable([1, 2, 3]).pipe(broadcast({ sinks: 1 }));
    consumeByHand(broadcasted.pipe(take(1)));
    broadcasted.subscribe({ error: (error: unknown) => errors.push(error) });
    expect(errors).toEqual([expect.objectContaining({ code: 'ERR_CONFIG' })]);
    consumed.subscription.unsubscribe();
  });

  it('throws at the call for an invalid number', () => {
    expect(() => broadcast({ sinks: 0 })).toThrow(/sinks/);
  });
});
