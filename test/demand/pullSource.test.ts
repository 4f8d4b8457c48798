import { describe, expect, it, jest } from '@jest/globals';
import { concat, map, repeat, take } from 'rxjs';
import { pullSource, type Outlet } from '../../src/demand/pullSource.js';
import { consumeByHand } from '../../src/testing/consumeByHand.js';

/** A source whose pulls the test answers. */
function answeredByHand() {
  const close = jest.fn();
  let outlet: Outlet<number> | undefined;
  let pulls = 0;
  const source = pullSource<number>((given) => {
    outlet = given;
    return {
      pull: () => {
        pulls++;
      },
      close,
    };
  });
  return { source, close, pulls: () => pulls, outlet: () => outlet as Outlet<number> };
}

describe('pullSource', () => {
  it('checks its gate before the first pull', () => {
    const { source, pulls } = answeredByHand();
    const { gate } = consumeByHand(source);
    expect(pulls()).toBe(0);
    gate.open();
    expect(pulls()).toBe(1);
  });

  it('keeps a value that arrives at a closed gate, and does not pull', () => {
    const { source, pulls, outlet } = answeredByHand();
    const { gate, items } = consumeByHand(source, { isOpen: true });
    gate.close();
    outlet().deliver(1);
    expect(items).toEqual([]);
    expect(pulls()).toBe(1);
    gate.open();
    expect(items).toEqual([1]);
    expect(pulls()).toBe(2);
  });

  it('emits completion and errors after the kept value', () => {
    const completing = answeredByHand();
    const first = consumeByHand(completing.source, { isOpen: true });
    first.gate.close();
    completing.outlet().deliver(1);
    completing.outlet().complete();
    expect(first.ending()).toBeUndefined();
    first.gate.open();
    expect([first.items, first.ending()]).toEqual([[1], 'complete']);

    const failing = answeredByHand();
    const second = consumeByHand(failing.source, { isOpen: true });
    second.gate.close();
    failing.outlet().deliver(2);
    failing.outlet().fail(undefined);
    second.gate.open();
    expect(second.items).toEqual([2]);
    expect(second.subscription.closed).toBe(true);
  });

  it('closes once: at the end, on failure, or when it is unsubscribed while a pull is pending', () => {
    const ways = [
      (outlet: Outlet<number>) => outlet.complete(),
      (outlet: Outlet<number>) => outlet.fail(new Error('source')),
      () => undefined,
    ];
    for (const end of ways) {
      const { source, close, outlet } = answeredByHand();
      const { subscription, gate } = consumeByHand(source, { isOpen: true });
      end(outlet());
      subscription.unsubscribe();
      expect(close).toHaveBeenCalledTimes(1);
      expect(gate.waiting).toBe(0);
    }
  });

  it('notifies exceptions of opening and pulling', () => {
    const opening = consumeByHand(
      pullSource<number>(() => {
        throw new Error('open');
      }),
      { isOpen: true },
    );
    expect(opening.ending()).toEqual(new Error('open'));
    const close = jest.fn();
    const pulling = consumeByHand(
      pullSource<number>(() => ({
        pull: () => {
          throw new Error('pull');
        },
        close,
      })),
    );
    expect(() => pulling.gate.open()).not.toThrow();
    expect(pulling.ending()).toEqual(new Error('pull'));
    expect(close).toHaveBeenCalledTimes(1);
  });

  it('does not recurse when values are delivered from inside the pull', () => {
    const source = pullSource<number>((outlet) => {
      let next = 0;
      return {
        pull: () => {
          if (next < 100_000) outlet.deliver(next++);
          else outlet.complete();
        },
        close: () => undefined,
      };
    });
    const { items, ending } = consumeByHand(source, { isOpen: true });
    expect(items.length).toBe(100_000);
    expect(ending()).toBe('complete');
  });

  it('is found under the same gate by the sources that follow it', () => {
    const once = pullSource<number>((outlet) => {
      let isDone = false;
      return {
        pull: () => {
          if (isDone) outlet.complete();
          else {
            isDone = true;
            outlet.deliver(1);
          }
        },
        close: () => undefined,
      };
    });
    const shut = { onItem: (_item: number, gate: { close: () => void }) => gate.close() };
    const consumer = consumeByHand(concat(once, once.pipe(map((value) => value + 1))).pipe(repeat(2), take(3)), shut);
    for (const expected of [[1], [1, 2], [1, 2, 1]]) {
      consumer.gate.open();
      expect(consumer.items).toEqual(expected);
    }
    expect(consumer.ending()).toBe('complete');
  });
});
