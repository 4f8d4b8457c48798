import { Observable } from 'rxjs';

/** Errors that have passed a place, with or without a prefix in their message. */
const placed = new WeakSet<object>();

/**
 * Prefixes the message of each error that arises between the place above and this one. The error itself is changed, not
 * wrapped, so its class and fields stay. Items cost nothing: the source emits directly to the destination.
 *
 * @param place - the prefix, such as `stages[3] (batch)`. Without it, errors that arrive here keep their message, and
 *   the places below do not claim them.
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
 * Prefixes an error's message with a place, unless it begins with that place. Values that are not errors stay as they
 * are.
 */
export function prefixMessage(error: unknown, place: string): void {
  if (!(error instanceof Error) || error.message.startsWith(place)) return;
  // The message of a DOMException cannot be set: that error stays as it is, too.
  Reflect.set(error, 'message', `${place}: ${error.message}`);
}
