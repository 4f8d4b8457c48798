import type { Subscriber } from 'rxjs';

interface Link {
  readonly destination?: Link | null;
}

/** Tells whether an item has come to a subscriber since the watch began. */
export interface Watch {
  readonly subscriber: Subscriber<unknown>;
  hasItem: boolean;
}

const watches = new WeakMap<Subscriber<unknown>, Watch>();

/** Returns a subscriber and those below it, in order, down to the consumer. */
export function chainBelow(subscriber: Subscriber<unknown>): readonly Subscriber<unknown>[] {
  const chain: Subscriber<unknown>[] = [];
  // Without the observer at the end: RxJS uses the same one for many consumers.
  for (let link = subscriber as unknown as Link; link.destination; link = link.destination) {
    chain.push(link as unknown as Subscriber<unknown>);
  }
  return chain;
}

/** Watches a subscriber until its next item. Later items take no longer than before. */
export function watchNext(subscriber: Subscriber<unknown>): Watch {
  const current = watches.get(subscriber);
  if (current && !current.hasItem) return current;
  const watch: Watch = { subscriber, hasItem: false };
  watches.set(subscriber, watch);
  subscriber.next = (item) => {
    watch.hasItem = true;
    // Uncovers the method of its class.
    Reflect.deleteProperty(subscriber, 'next');
    subscriber.next(item);
  };
  return watch;
}
