import type { Subscriber } from 'rxjs';

/** What the way down from a subscriber to what it carries reads. */
interface Link {
  readonly [kind: symbol]: unknown;
  readonly destination?: Link | null;
}

/**
 * The nearest thing of a kind that a subscriber, or one downstream of it, carries for all above it; `undefined` where
 * there is none, or where the chain is broken (`share`, a hand-made operator) before it.
 *
 * @param kind - the property that it is carried in: see `carries` of an operator's handlers.
 */
export function carriedBelow(subscriber: Subscriber<unknown>, kind: symbol): unknown {
  let link: Link | null | undefined = subscriber as unknown as Link;
  while (link) {
    const carried = link[kind];
    if (carried) return carried;
    link = link.destination;
  }
  return undefined;
}

/** Returns the last subscriber of the chain. It is the same for each subscription that `repeat` makes. */
export function consumerOf(subscriber: Subscriber<unknown>): object {
  let link = subscriber as unknown as Link;
  while (link.destination) link = link.destination;
  return link;
}
