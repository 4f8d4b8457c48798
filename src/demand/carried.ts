import type { Subscriber } from 'rxjs';

interface Link {
  readonly [kind: symbol]: unknown;
  readonly destination?: Link | null;
}

/**
 * Returns what the nearest subscriber, this one or one downstream of it, carries for all above it. Returns `undefined` if
 * none carries it, or if `share` or an operator made by hand breaks the chain first.
 *
 * @param kind - the property that holds it: see `carries` in `Handlers`.
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
