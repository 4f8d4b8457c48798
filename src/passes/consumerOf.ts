import type { Subscriber } from 'rxjs';

interface Link {
  readonly destination?: Link | null;
}

/** Returns the last subscriber of the chain. All subscriptions of one `repeat` have the same last subscriber. */
export function consumerOf(subscriber: Subscriber<unknown>): object {
  let link = subscriber as unknown as Link;
  while (link.destination) link = link.destination;
  return link;
}
