import type { Subscriber } from 'rxjs';

interface Link {
  readonly [kind: symbol]: unknown;
  readonly destination?: Link | null;
}

/**
 * Returns the object that the nearest downstream subscriber stores under the key `kind`, or `undefined` if no
 * subscriber stores one. `share` and custom operators break the chain of subscribers.
 *
 * @param kind - a key of `carries` in `Handlers`.
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
