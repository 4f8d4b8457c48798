import { Observable } from 'rxjs';

/** Errors that have already passed a `placeErrors`, with or without a prefix. */
const placed = new WeakSet<object>();

/**
 * Prefixes the message of each error that arises between the previous `placeErrors` and this one. The error is changed
 * and not wrapped, so it keeps its class and fields. Items have no overhead, because the source emits directly to the
 * destination.
 *
 * @param place - the prefix, such as `stages[3] (batch)`. Without a prefix, errors that pass keep their message here
 *   and at later calls.
 */
export function placeErrors<T>(source: Observable<T>, place?: string): Observable<T> {
  return new Observable<T>((destination) => {
    const fail = destination.error.bind(destination);
    destination.error = (error: unknown) => {
      if (typeof error === 'object' && error !== null && !placed.has(error)) {
        placed.add(error);
        if (place !== undefined) prefixMessage(error, place);
      }
      fail(error);
    };
    source.subscribe(destination);
  });
}

/**
 * Prefixes the message of an error with a place, unless the message already begins with it. Values that are not errors
 * are unchanged.
 */
export function prefixMessage(error: unknown, place: string): void {
  if (!(error instanceof Error) || error.message.startsWith(place)) return;
  // The message of a DOMException is read-only, so this has no effect on it.
  Reflect.set(error, 'message', `${place}: ${error.message}`);
}
