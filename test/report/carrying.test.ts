import { describe, expect, it } from '@jest/globals';
import { Observable, type Subscriber } from 'rxjs';
import { carriedBelow } from '../../src/demand/carried.js';
import { carrying } from '../../src/report/carrying.js';

describe('carrying', () => {
  const KIND = Symbol('kind');

  it('hands its own subscriber on, which carries what all above it find', () => {
    const cargo = {};
    const subscribers: Subscriber<number>[] = [];
    const source = new Observable<number>((destination) => {
      subscribers.push(destination);
      destination.next(1);
    });
    const carried = carrying(source, (destination, subscribe) => {
      subscribers.push(destination);
      subscribe({ [KIND]: cargo });
    });
    const seen: number[] = [];
    const subscription = carried.subscribe((item) => seen.push(item));
    expect(seen).toEqual([1]);
    expect(subscribers[1]).toBe(subscribers[0]);
    expect(carriedBelow(subscribers[1] as Subscriber<number>, KIND)).toBe(cargo);
    subscription.unsubscribe();
    expect(subscribers[1]?.closed).toBe(true);
  });
});
