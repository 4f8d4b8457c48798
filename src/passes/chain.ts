import type { Subscriber } from 'rxjs';

interface Link {
  readonly destination?: Link | null;
}

/** Returns a subscriber and those below it, in order, down to the consumer. */
export function chainBelow(subscriber: Subscriber<unknown>): readonly Subscriber<unknown>[] {
  const chain: Subscriber<unknown>[] = [];
  // Without the observer at the end: RxJS uses the same one for many consumers.
  for (let link = subscriber as unknown as Link; link.destination; link = link.destination) {
    chain.push(link as unknown as Subscriber<unknown>);
  }
  return chain;
}

/** Calls `onItem` before the next item of a subscriber. Later items take no longer than before. */
export function onNextItem(subscriber: Subscriber<unknown>, onItem: () => void): void {
  subscriber.next = (item) => {
    onItem();
    // Uncovers the method of its class.
    Reflect.deleteProperty(subscriber, 'next');
    subscriber.next(item);
  };
}
