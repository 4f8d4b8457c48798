import { describe, expect, it } from '@jest/globals';
import { Observable, Subject, Subscriber, of, throwError } from 'rxjs';
import { gateOf } from '../../src/demand/context.js';
import { Gate } from '../../src/demand/gate.js';
import { Inlet, type Ending } from '../../src/demand/inlet.js';
import type { StageFacts, StageObserver } from '../../src/demand/observer.js';
import { OBSERVER } from '../../src/demand/observer.js';
import { fromIterable } from '../../src/sources/fromIterable.js';
import { collectWarnings } from '../support/collectWarnings.js';
import { nextTurn } from '../support/fifoWriter.js';

const NOTHING = { next: (): void => undefined, complete: (): void => undefined };

/** Returns an observer that records its calls. */
function recording(facts: StageFacts[], items: unknown[]): StageObserver {
  const observer: StageObserver = {
    watch: (of) => {
      facts.push(of);
      return observer;
    },
    count: (item) => void items.push(item),
    countBatch: () => undefined,
    begin: () => undefined,
    end: () => undefined,
    timed: (work) => work,
    close: () => undefined,
  };
  return observer;
}

describe('Inlet', () => {
  it('receives one item for each opening of its gate', () => {
    const inlet = new Inlet<number>({ name: 'one' });
    inlet.subscribe(fromIterable([1, 2, 3]));
    expect(inlet.items.length).toBe(0);
    inlet.gate.open();
    expect([inlet.items.length, inlet.gate.isOpen]).toEqual([1, false]);
    inlet.gate.open();
    expect([inlet.items.shift(), inlet.items.shift(), inlet.items.shift()]).toEqual([1, 2, undefined]);
  });

  it('keeps its gate open while there is room', () => {
    const items: number[] = [];
    const receive = (item: number): void => void items.push(item);
    new Inlet<number>({ name: 'two', isOpen: true, receive, hasRoom: () => items.length < 2 }).subscribe(
      fromIterable([1, 2, 3]),
    );
    expect(items).toEqual([1, 2]);
  });

  it('passes items to receive, and calls onChange after it has closed its gate', () => {
    const events: unknown[] = [];
    const gates: Gate[] = [];
    const inlet = new Inlet<number>({
      name: 'events',
      isOpen: true,
      receive: (item) => events.push(item),
      onChange: () => events.push(gates[0]?.isOpen ? 'open' : 'closed'),
    });
    gates.push(inlet.gate);
    inlet.subscribe(of(7));
    expect(events).toEqual([7, 'closed', 'closed']);
    expect(inlet.items.length).toBe(0);
  });

  it('stores the end of its source, also with an error that is undefined', () => {
    const endings: Ending[] = [];
    const inletOf = (): Inlet<never> => new Inlet<never>({ name: 'end', ended: (ending) => endings.push(ending) });
    const [completed, failed] = [inletOf(), inletOf()];
    completed.subscribe(of());
    failed.subscribe(throwError(() => undefined));
    expect(endings).toEqual([{ kind: 'completed' }, { kind: 'failed', error: undefined }]);
    expect([completed.ending, failed.ending]).toEqual(endings);
  });

  it('waits for its source while its gate is open and the source has not ended', () => {
    const source = new Subject<number>();
    const inlet = new Inlet<number>({ name: 'waiting', isOpen: true });
    inlet.subscribe(source);
    expect(inlet.isWaiting).toBe(true);
    source.complete();
    expect([inlet.isWaiting, inlet.gate.isOpen]).toEqual([false, true]);
  });

  it('drops its items and unsubscribes on close, and closes with its destination', () => {
    const source = new Subject<number>();
    const destination = new Subscriber<number>();
    const [closed, linked] = [new Inlet<number>({ name: 'a' }), new Inlet<number>({ name: 'b', destination })];
    for (const inlet of [closed, linked]) inlet.subscribe(source);
    source.next(1);
    closed.close();
    expect(closed.items.length).toBe(0);
    destination.unsubscribe();
    expect(source.observed).toBe(false);
  });

  it('notifies exceptions of a callback to its destination; without one they end the source', () => {
    const failure = new Error('receive');
    const receive = (): never => {
      throw failure;
    };
    const errors: unknown[] = [];
    const destination = new Subscriber<number>({ ...NOTHING, error: (error: unknown) => void errors.push(error) });
    new Inlet<number>({ name: 'linked', destination, receive }).subscribe(of(1));
    const alone = new Inlet<number>({ name: 'alone', receive });
    alone.subscribe(of(1));
    expect([errors, alone.ending]).toEqual([[failure], { kind: 'failed', error: failure }]);
  });

  it('subscribes its source under its own gate, above the gates below', () => {
    const down = new Gate();
    const inlet = new Inlet<number>({ name: 'gate', isOpen: true, below: () => [down] });
    let found: Gate | undefined;
    inlet.subscribe(new Observable((subscriber) => void (found = gateOf(subscriber))));
    expect(found).toBe(inlet.gate);
    expect(inlet.gate.consumerWait).toBe(0);
    down.close();
    expect(inlet.gate.consumerWait).toBeUndefined();
  });

  it('warns about items that arrive long after its gate has closed', async () => {
    const source = new Subject<number>();
    const inlet = new Inlet<number>({ name: 'late(1)' });
    inlet.subscribe(source);
    const warnings = await collectWarnings(async () => {
      await nextTurn();
      source.next(1);
    });
    expect(warnings).toEqual([
      {
        code: 'MILLRACE_OVERRUN',
        message: expect.stringMatching(
          /^late\(1\) had stopped requesting items, but received an item in a later turn of the event loop/,
        ),
      },
    ]);
    expect(inlet.items.length).toBe(1);
  });

  it('is observed by the observer below, which counts its items and reads its phase', () => {
    const [facts, counted]: [StageFacts[], unknown[]] = [[], []];
    const destination = Object.assign(new Subscriber<number>(), { [OBSERVER]: recording(facts, counted) });
    const inlet = new Inlet<number>({ name: 'seen', destination, facts: { capacity: 3 } });
    inlet.subscribe(fromIterable([5, 6]));
    expect(facts[0]).toMatchObject({ name: 'seen', capacity: 3 });
    expect(facts[0]?.phase()).toBe('consumerMs');
    inlet.gate.open();
    expect(counted).toEqual([5, 5]);
  });
});
