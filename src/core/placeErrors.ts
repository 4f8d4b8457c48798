import { Observable } from 'rxjs';

/** Errors that have passed a place, whether it is told in their message or not. */
const placed = new WeakSet<object>();

/**
 * Puts a place before the message of each error that arises between the last such place above and this one. Errors are
 * changed, not wrapped, so their class and fields stay. An item costs nothing: the subscriber itself is handed on.
 *
 * @param place - what to put before the message, such as `stages[3] (batch)`. Without one, errors that have come as far as
 *   this only keep the places below from claiming them.
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

/** Puts a place before an error's message, unless it begins with that. What is no error stays as it is. */
export function prefixMessage(error: unknown, place: string): void {
  if (!(error instanceof Error) || error.message.startsWith(place)) return;
  // The message of a DOMException cannot be set: that error stays as it is, too.
  Reflect.set(error, 'message', `${place}: ${error.message}`);
}
