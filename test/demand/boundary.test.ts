import { describe, expect, it, jest } from '@jest/globals';
import { Observable, Subject, concat, from, of, repeat, switchMap, take, throwError } from 'rxjs';
import { boundary } from '../../src/demand/boundary.js';
import type { ItemBuffer } from '../../src/demand/itemBuffer.js';
import { Gate } from '../../src/demand/gate.js';
import { gatedSubscriber, subscribeGated } from '../../src/demand/operate.js';
import { fromIterable } from '../../src/sources/fromIterable.js';
import { consumeByHand } from '../../src/testing/consumeByHand.js';
import { countedNumbers } from '../support/countedNumbers.js';

/** The simplest boundary: holds up to `capacity` items. */
function hold<T>(capacity: number, extra: Partial<ItemBuffer<T>> = {}) {
  return (source: Observable<T>): Observable<T> =>
    boundary<T, T>(source, { name: 'hold' }, ({ destination }) => {
      const queue: T[] = [];
      return {
        receive: (item) => {
          queue.push(item);
        },
        hasRoom: () => queue.length < capacity,
        emit: () => {
          if (queue.length === 0) return false;
          destination.next(queue.shift() as T);
          return true;
        },
        isEmpty: () => queue.length === 0,
        ...extra,
      };
    });
}

describe('boundary', () => {
  it('holds items up to its capacity while the gate below is closed, and requests no more', () => {
    const { numbers, made } = countedNumbers(100);
    const consumer = consumeByHand(fromIterable(numbers).pipe(hold(3)));
    expect(made()).toBe(3);
    expect(consumer.items).toEqual([]);
  });

  it('with onDemand, requests nothing before an item is wanted', () => {
    const { numbers, made } = countedNumbers(100);
    const passing = boundary<number, number>(
      fromIterable(numbers),
      { name: 'pass', onDemand: true },
      ({ destination }) => {
        const queue: number[] = [];
        return {
          receive: (item) => queue.push(item),
          hasRoom: () => queue.length === 0,
          emit: () => {
            const item = queue.shift();
            if (item !== undefined) destination.next(item);
            return item !== undefined;
          },
          isEmpty: () => queue.length === 0,
        };
      },
    );
    const consumer = consumeByHand(passing, { onItem: (_item, gate) => gate.close() });
    expect(made()).toBe(0);
    consumer.gate.open();
    expect([consumer.items, made()]).toEqual([[0], 1]);
    consumer.gate.open();
    expect([consumer.items, made()]).toEqual([[0, 1], 2]);
  });

  it('emits exactly one item if the gate below closes after each', () => {
    const { numbers, made } = countedNumbers(100);
    const consumer = consumeByHand(fromIterable(numbers).pipe(hold(3)), { onItem: (_item, gate) => gate.close() });
    consumer.gate.open();
    expect(consumer.items).toEqual([0]);
    expect(made()).toBe(4);
    consumer.gate.open();
    expect(consumer.items).toEqual([0, 1]);
    expect(made()).toBe(5);
  });

  it('delivers everything in order when the consumer opens its gate from inside next', () => {
    const { numbers } = countedNumbers(10_000);
    const consumer = consumeByHand(fromIterable(numbers).pipe(hold(4), hold(2)), {
      isOpen: true,
      onItem: (item, gate) => {
        gate.close();
        if (item % 3 === 0) gate.open();
        else queueMicrotask(() => gate.open());
      },
    });
    return new Promise<void>((resolve) => {
      setImmediate(() => {
        expect(consumer.items).toEqual([...numbers]);
        expect(consumer.ending()).toBe('complete');
        resolve();
      });
    });
  });

  it('never delivers to a closed gate', () => {
    let deliveredToClosed = 0;
    const consumer = consumeByHand(fromIterable(countedNumbers(1000).numbers).pipe(hold(4), hold(3)), {
      isOpen: true,
      onItem: (_item, gate) => {
        if (!gate.isOpen) deliveredToClosed++;
        gate.close();
        setImmediate(() => gate.open());
      },
    });
    return new Promise<void>((resolve) => {
      const look = (): void => {
        if (consumer.ending() === undefined) setImmediate(look);
        else {
          expect(consumer.items.length).toBe(1000);
          expect(deliveredToClosed).toBe(0);
          resolve();
        }
      };
      look();
    });
  });

  it('completes after its held items, and only when the gate below is open', () => {
    const consumer = consumeByHand(of(1, 2, 3).pipe(hold(4)), {
      onItem: (item, gate) => {
        if (item === 3) gate.close();
      },
    });
    expect(consumer.ending()).toBeUndefined();
    consumer.gate.open();
    expect(consumer.items).toEqual([1, 2, 3]);
    expect(consumer.ending()).toBeUndefined();
    consumer.gate.open();
    expect(consumer.ending()).toBe('complete');
  });

  it('fails after its held items, also with an error that is undefined', () => {
    const failing = concat(
      of(1, 2),
      throwError(() => undefined),
    );
    const seen: unknown[] = [];
    const gate = new Gate(false);
    const handlers = {
      next: (item: number) => seen.push(item),
      error: (error: unknown) => seen.push('error', error),
      complete: () => seen.push('complete'),
    };
    subscribeGated(failing.pipe(hold(4)), gatedSubscriber(gate, handlers));
    expect(seen).toEqual([]);
    gate.open();
    expect(seen).toEqual([1, 2, 'error', undefined]);
  });

  it('releases its source at the end, while it still holds items', () => {
    const released = jest.fn();
    const source = new Observable<number>((destination) => {
      destination.next(1);
      destination.complete();
      return released;
    });
    consumeByHand(source.pipe(hold(2)));
    expect(released).toHaveBeenCalledTimes(1);
  });

  it('notifies an exception of its stage at the opening of the gate, and does not throw to the opener', () => {
    const stage = {
      emit: () => {
        throw new Error('stage');
      },
    };
    const consumer = consumeByHand(of(1).pipe(hold<number>(2, stage)));
    expect(() => consumer.gate.open()).not.toThrow();
    expect(consumer.ending()).toEqual(new Error('stage'));
  });

  it('stops between held items when it is unsubscribed, and waits for no gate', () => {
    const cleared = jest.fn();
    const consumer = consumeByHand(from([1, 2, 3, 4, 5]).pipe(hold<number>(8, { clear: cleared }), take(2)));
    consumer.gate.open();
    expect(consumer.items).toEqual([1, 2]);
    expect(consumer.gate.waiting).toBe(0);
    expect(cleared).toHaveBeenCalledTimes(1);
  });

  it('leaves no waiter after switchMap unsubscribes it', () => {
    const triggers = new Subject<number>();
    const consumer = consumeByHand(triggers.pipe(switchMap(() => of(1, 2, 3).pipe(hold(2)))));
    for (let i = 0; i < 10_000; i++) triggers.next(i);
    expect(consumer.gate.waiting).toBe(1);
  });

  it('does not subscribe the next source before it is wanted', () => {
    let subscriptions = 0;
    const source = new Observable<number>((destination) => {
      subscriptions++;
      destination.next(subscriptions);
      destination.complete();
    });
    const consumer = consumeByHand(source.pipe(hold(4), repeat(3)), { onItem: (_item, gate) => gate.close() });
    consumer.gate.open();
    expect(consumer.items).toEqual([1]);
    expect(subscriptions).toBe(1);
    consumer.gate.open();
    expect(consumer.items).toEqual([1, 2]);
    expect(subscriptions).toBe(2);
  });

  it('works without a gate below it, as with an open gate', () => {
    const seen: number[] = [];
    fromIterable(countedNumbers(1_000_000).numbers)
      .pipe(hold(4), hold(2))
      .subscribe((item) => seen.push(item));
    expect(seen.length).toBe(1_000_000);
    expect(seen.at(-1)).toBe(999_999);
  });

  it('keeps the stack shallow through several boundaries', () => {
    let deepest = 0;
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 1000;
    fromIterable(countedNumbers(500).numbers)
      .pipe(hold(4), hold(3), hold(2))
      .subscribe(() => {
        deepest = Math.max(deepest, (new Error().stack ?? '').split('\n').length);
      });
    Error.stackTraceLimit = limit;
    expect(deepest).toBeLessThan(120);
  });
});
