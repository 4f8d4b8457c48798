import { describe, expect, it } from '@jest/globals';
import { Observable, Subscriber } from 'rxjs';
import { gateOf } from '../../src/demand/context.js';
import { Gate } from '../../src/demand/gate.js';
import { loop } from '../../src/demand/loop.js';

/** Returns a subscriber that collects errors. */
function collecting(): { target: Subscriber<never>; errors: unknown[] } {
  const errors: unknown[] = [];
  const nothing = (): void => undefined;
  const target = new Subscriber<never>({
    next: nothing,
    error: (error: unknown) => void errors.push(error),
    complete: nothing,
  });
  return { target, errors };
}

describe('loop', () => {
  it('repeats its step until that returns false, and again at the next call', () => {
    let steps = 0;
    const run = loop(collecting().target, () => ++steps % 3 !== 0);
    run();
    expect(steps).toBe(3);
    run();
    expect(steps).toBe(6);
  });

  it('does not nest: items that become ready during a step are handled after it', () => {
    const waiting = [1];
    const events: string[] = [];
    const run = loop(collecting().target, () => {
      const item = waiting.shift();
      if (item === undefined) return false;
      events.push(`begin ${item}`);
      if (item < 3) waiting.push(item + 1);
      run();
      events.push(`end ${item}`);
      return true;
    });
    run();
    expect(events).toEqual(['begin 1', 'end 1', 'begin 2', 'end 2', 'begin 3', 'end 3']);
  });

  it('keeps the stack flat for any number of calls from a step', () => {
    let left = 100_000;
    const run = loop(collecting().target, () => {
      run();
      return --left > 0;
    });
    run();
    expect(left).toBe(0);
  });

  it('notifies an exception of a step, and does not throw to the caller', () => {
    const { target, errors } = collecting();
    const failure = new Error('no more');
    let steps = 0;
    const run = loop(target, () => {
      if (++steps === 2) throw failure;
      return true;
    });
    expect(run).not.toThrow();
    expect([errors, steps]).toEqual([[failure], 2]);
  });

  it('can run again after a throw, if its target is still open', () => {
    const errors: unknown[] = [];
    const target = { closed: false, error: (error: unknown) => void errors.push(error) };
    let steps = 0;
    const run = loop(target, () => {
      if (++steps === 1) throw new Error('once');
      return false;
    });
    run();
    run();
    expect([errors.length, steps]).toEqual([1, 2]);
  });

  it('stops after the step in which its target closes, and never begins again', () => {
    const { target } = collecting();
    let steps = 0;
    const run = loop(target, () => {
      if (++steps === 2) target.unsubscribe();
      return true;
    });
    run();
    run();
    expect(steps).toBe(2);
  });

  it('uses its gate for subscriptions in a step, and restores the outer one, also after a throw', () => {
    const gate = new Gate();
    const found: Gate[] = [];
    const look = new Observable<never>((subscriber) => void found.push(gateOf(subscriber)));
    const { target } = collecting();
    const run = loop(
      target,
      () => {
        look.subscribe();
        throw new Error('after the look');
      },
      { gate },
    );
    run();
    look.subscribe();
    expect(found[0]).toBe(gate);
    expect(found[1]).not.toBe(gate);
  });

  it('is timed by its observer, once a run', () => {
    const events: string[] = [];
    const observer = {
      timed: (work: () => void) => () => {
        events.push('begin');
        work();
        events.push('end');
      },
    };
    let left = 3;
    loop(collecting().target, () => --left > 0, { observer: observer as never })();
    expect(events).toEqual(['begin', 'end']);
  });
});
