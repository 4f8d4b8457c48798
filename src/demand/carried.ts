import type { Subscriber } from 'rxjs';

interface Link {
  readonly [kind: symbol]: unknown;
  readonly destination?: Link | null;
}

/**
 * Returns the object that the nearest subscriber carries, starting with this one and continuing downstream. Returns
 * `undefined` if none carries it, or if `share` or a hand-made operator breaks the chain.
 *
 * @param kind - the property: see `carries` in `Handlers`.
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
