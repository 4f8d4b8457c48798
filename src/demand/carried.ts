import type { Subscriber } from 'rxjs';

interface Link {
  readonly [kind: symbol]: unknown;
  readonly destination?: Link | null;
}

/**
 * Searches the chain of subscribers from this one downstream, and returns the object that the nearest one carries under
 * `kind`. Returns `undefined` if no subscriber carries such an object, or if `share` or a custom operator breaks the
 * chain.
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
