import { describe, expect, it, jest } from '@jest/globals';
import { EMPTY, Observable, Subject, catchError, concat, of, range, take, throwError, type Subscriber } from 'rxjs';
import { operate, type Handlers } from '../../src/demand/operate.js';

function passOn<T>(source: Observable<T>, extra?: (destination: Subscriber<T>) => Partial<Handlers<T>>): Observable<T> {
  return operate<T, T>(source, (destination) => ({
    next: (value) => destination.next(value),
    ...extra?.(destination),
  }));
}

describe('operate', () => {
  it('is stopped by take inside a synchronous source', () => {
    let produced = 0;
    const source = new Observable<number>((destination) => {
      for (let i = 0; i < 1_000_000 && !destination.closed; i++) {
        produced++;
        destination.next(i);
      }
    });
    passOn(source).pipe(take(1)).subscribe();
    expect(produced).toBe(1);
  });

  it('notifies an exception of a handler as an error, not as completion', () => {
    const seen: unknown[] = [];
    const failing = passOn(range(0, 3), () => ({
      next: () => {
        throw new Error('bad byte');
      },
    }));
    failing.subscribe({ error: (error: unknown) => seen.push(error), complete: () => seen.push('complete') });
    expect(seen).toEqual([new Error('bad byte')]);
  });

  it('keeps the real error when a handler throws after downstream has closed', () => {
    const thrown: unknown[] = [];
    const source = new Observable<number>((destination) => {
      try {
        destination.next(1);
      } catch (error) {
        thrown.push(error);
      }
    });
    operate<number, number>(source, (destination) => ({
      next: (value) => {
        destination.next(value);
        throw new Error('after the close');
      },
    }))
      .pipe(take(1))
      .subscribe();
    expect(thrown).toEqual([]);
  });

  it('does not subscribe its source for a destination that is closed already', () => {
    const subscribed = jest.fn();
    const source = new Observable<number>(() => {
      subscribed();
    });
    concat(of(1), passOn(source)).pipe(take(1)).subscribe();
    expect(subscribed).not.toHaveBeenCalled();
  });

  it('releases its source when it has completed, although the destination continues', () => {
    const released = jest.fn();
    const source = new Observable<number>((destination) => {
      destination.complete();
      return released;
    });
    const kept = operate<number, number>(source, () => ({ next: () => undefined, complete: () => undefined }));
    const subscription = kept.subscribe();
    expect(released).toHaveBeenCalledTimes(1);
    expect(subscription.closed).toBe(false);
  });

  it('releases its source when it has failed, although the destination continues', () => {
    const released = jest.fn();
    const source = new Observable<number>((destination) => {
      destination.error(new Error('source'));
      return released;
    });
    operate<number, number>(source, () => ({ next: () => undefined, error: () => undefined })).subscribe();
    expect(released).toHaveBeenCalledTimes(1);
  });

  it('forwards completion and errors by default', () => {
    const seen: unknown[] = [];
    passOn(EMPTY).subscribe({ complete: () => seen.push('complete') });
    passOn(throwError(() => 'source')).subscribe({ error: (error: unknown) => seen.push(error) });
    expect(seen).toEqual(['complete', 'source']);
  });

  it('notifies exceptions of the handlers of completion and errors', () => {
    const seen: unknown[] = [];
    const fail = (what: string) => (): never => {
      throw new Error(what);
    };
    const observer = { error: (error: unknown) => seen.push(error) };
    passOn(EMPTY, () => ({ complete: fail('at the end') })).subscribe(observer);
    passOn(
      throwError(() => 'source'),
      () => ({ error: fail('at the error') }),
    ).subscribe(observer);
    expect(seen).toEqual([new Error('at the end'), new Error('at the error')]);
  });

  it('notifies an exception of connect', () => {
    const seen: unknown[] = [];
    operate<number, number>(EMPTY, () => {
      throw new Error('connect');
    }).subscribe({ error: (error: unknown) => seen.push(error) });
    expect(seen).toEqual([new Error('connect')]);
  });

  it('unsubscribes its source when it is unsubscribed', () => {
    const source = new Subject<number>();
    const subscription = passOn(source).subscribe();
    expect(source.observed).toBe(true);
    subscription.unsubscribe();
    expect(source.observed).toBe(false);
  });

  it('allows catchError to replace the source', () => {
    const seen: number[] = [];
    passOn(throwError(() => 'source'))
      .pipe(catchError(() => of(7)))
      .subscribe((value) => seen.push(value));
    expect(seen).toEqual([7]);
  });
});
