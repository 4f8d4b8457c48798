import { Observable } from 'rxjs';

/** Errors that have passed a `placeErrors`, with or without a prefix. */
const placed = new WeakSet<object>();

/**
 * Prefixes each error that arises after the previous `placeErrors`. The error keeps its class and fields, because it is
 * not wrapped. Items have no overhead, because the source emits directly to the destination.
 *
 * @param place - the prefix, such as `stages[3] (batch)`. Without it, errors keep their message here and at later
 *   calls.
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

/** Does not prefix a message that begins with the place. */
export function prefixMessage(error: unknown, place: string): void {
  if (!(error instanceof Error) || error.message.startsWith(place)) return;
  // Has no effect on a DOMException, whose message is read-only.
  Reflect.set(error, 'message', `${place}: ${error.message}`);
}
