import type { Subscriber } from 'rxjs';

interface Link {
  readonly destination?: Link | null;
}

export function chainBelow(subscriber: Subscriber<unknown>): readonly Subscriber<unknown>[] {
  const chain: Subscriber<unknown>[] = [];
  // Excludes the observer at the end, because RxJS uses the same observer for many consumers.
  for (let link = subscriber as unknown as Link; link.destination; link = link.destination) {
    chain.push(link as unknown as Subscriber<unknown>);
  }
  return chain;
}

/** Calls `onItem` once, immediately before the subscriber receives its next item. Later items have no overhead. */
export function onNextItem(subscriber: Subscriber<unknown>, onItem: () => void): void {
  subscriber.next = (item) => {
    onItem();
    // Restores the `next` of the class.
    Reflect.deleteProperty(subscriber, 'next');
    subscriber.next(item);
  };
}
