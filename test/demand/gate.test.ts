import { describe, expect, it, jest } from '@jest/globals';
import { prefetch } from '../../operators/prefetch.js';
import { Observable, Subscriber, map, repeat } from 'rxjs';
import { carriedBelow } from '../../src/demand/carried.js';
import { Gate } from '../../src/demand/gate.js';
import { gateOf, withoutGate, within } from '../../src/demand/context.js';
import { gatedSubscriber, operate, subscribeGated } from '../../src/demand/operate.js';
import { collectUncaught } from '../support/collectUncaught.js';
import { nextTurn } from '../support/fifoWriter.js';

describe('Gate', () => {
  it('calls a waiter at once when it is open', () => {
    const waiter = jest.fn();
    new Gate().whenOpen(waiter);
    expect(waiter).toHaveBeenCalledTimes(1);
  });

  it('calls waiters in order when it opens', () => {
    const gate = new Gate(false);
    const woken: number[] = [];
    for (const number of [1, 2, 3]) gate.whenOpen(() => woken.push(number));
    expect(woken).toEqual([]);
    gate.open();
    expect(woken).toEqual([1, 2, 3]);
  });

  it('stops calling waiters when one closes it again, and calls the others at the next opening', () => {
    const gate = new Gate(false);
    const woken: number[] = [];
    for (const number of [1, 2, 3]) {
      gate.whenOpen(() => {
        woken.push(number);
        gate.close();
      });
    }
    gate.open();
    expect(woken).toEqual([1]);
    expect(gate.waiting).toBe(2);
    gate.open();
    expect(woken).toEqual([1, 2]);
  });

  it('is not re-entrant: an opening from inside a waiter calls no waiter twice', () => {
    const gate = new Gate(false);
    const log: string[] = [];
    gate.whenOpen(() => {
      log.push('first begins');
      gate.close();
      gate.open();
      log.push('first ends');
    });
    gate.whenOpen(() => log.push('second'));
    gate.open();
    expect(log).toEqual(['first begins', 'first ends', 'second']);
  });

  it('registers a waiter once for any number of requests', () => {
    const gate = new Gate(false);
    const waiter = jest.fn();
    gate.whenOpen(waiter);
    gate.whenOpen(waiter);
    expect(gate.waiting).toBe(1);
    gate.open();
    expect(waiter).toHaveBeenCalledTimes(1);
  });

  it('removes a waiter that cancels', () => {
    const gate = new Gate(false);
    const waiter = jest.fn();
    gate.whenOpen(waiter);
    gate.cancel(waiter);
    gate.open();
    expect(waiter).not.toHaveBeenCalled();
  });

  it('calls the other waiters after one throws, and reports the error as uncaught', async () => {
    const gate = new Gate(false);
    const other = jest.fn();
    gate.whenOpen(() => {
      throw new Error('a faulty waiter');
    });
    gate.whenOpen(other);
    const thrown = await collectUncaught(() => {
      gate.open();
    });
    expect(other).toHaveBeenCalledTimes(1);
    expect(thrown).toEqual([new Error('a faulty waiter')]);
    gate.close();
    gate.open();
    expect(gate.isOpen).toBe(true);
  });

  it('stores the turn in which it was created closed', async () => {
    const gate = new Gate(false);
    expect(gate.isClosedSinceEarlierTurn).toBe(false);
    await nextTurn();
    expect(gate.isClosedSinceEarlierTurn).toBe(true);
  });

  it('has a new number for the consumer’s wait after it or a gate below it has closed', () => {
    const [consumer, other] = [new Gate(), new Gate()];
    const gate = new Gate(true, () => [consumer, other]);
    const first = gate.consumerWait;
    expect(gate.consumerWait).toBe(first);
    for (const each of [gate, consumer, other]) {
      const before = gate.consumerWait;
      each.close();
      expect(gate.consumerWait).toBeUndefined();
      each.open();
      expect(gate.consumerWait).not.toBe(before);
    }
  });

  it('detects that it was closed in an earlier turn of the event loop', async () => {
    const gate = new Gate();
    expect(gate.isClosedSinceEarlierTurn).toBe(false);
    gate.close();
    expect(gate.isClosedSinceEarlierTurn).toBe(false);
    await nextTurn();
    expect(gate.isClosedSinceEarlierTurn).toBe(true);
    gate.open();
    gate.close();
    expect(gate.isClosedSinceEarlierTurn).toBe(false);
  });
});

describe('gateOf', () => {
  const found: Gate[] = [];
  const source = new Observable<number>((destination) => {
    found.push(gateOf(destination));
    destination.next(1);
  });
  const handlers = { next: () => undefined, error: () => undefined, complete: () => undefined };

  it('finds the gate at the end of a chain of subscribers', () => {
    const gate = new Gate();
    subscribeGated(source.pipe(map((value) => value)), gatedSubscriber(gate, handlers));
    expect(found.pop()).toBe(gate);
  });

  it('prefers the chain to the gate under which the subscription happens', () => {
    const gate = new Gate();
    const other = new Gate();
    const detour = new Observable<number>((outer) => within(other, () => source.subscribe(outer)));
    subscribeGated(detour, gatedSubscriber(gate, handlers));
    expect(found.pop()).toBe(gate);
  });

  it('finds the gate under which the subscription happens if the chain is broken', () => {
    const gate = new Gate();
    within(gate, () => source.subscribe());
    expect(found.pop()).toBe(gate);
  });

  it('returns a gate that is always open if there is none', () => {
    source.subscribe();
    const none = found.pop();
    expect(none?.isOpen).toBe(true);
    within(new Gate(), () => withoutGate(() => source.subscribe()));
    expect(found.pop()).toBe(none);
  });

  it('handles a destination that RxJS has set to null', () => {
    const closed = new Subscriber<number>();
    closed.unsubscribe();
    expect(gateOf(closed).isOpen).toBe(true);
  });
});

describe('carriedBelow', () => {
  const kind = Symbol('kind');

  it('finds the object of the nearest operator below, across gates', () => {
    const found: unknown[] = [];
    const source = new Observable<number>((destination) => {
      found.push(carriedBelow(destination, kind), carriedBelow(destination, Symbol('another')));
    });
    const [near, far] = [{}, {}];
    const carrying = (carried: object) => (upstream: Observable<number>) =>
      operate<number, number>(upstream, () => ({ next: () => undefined, carries: { [kind]: carried } }));
    source
      .pipe(
        map((value) => value + 1),
        prefetch(1),
        repeat(2),
        carrying(near),
        carrying(far),
      )
      .subscribe();
    expect(found).toEqual([near, undefined]);
    expect(found[0]).toBe(near);
  });
});

describe('within', () => {
  it('restores the outer gate when the work throws', () => {
    const outer = new Gate();
    within(outer, () => {
      expect(() =>
        within(new Gate(), () => {
          throw new Error('work');
        }),
      ).toThrow('work');
      expect(gateOf(new Subscriber())).toBe(outer);
    });
  });
});
