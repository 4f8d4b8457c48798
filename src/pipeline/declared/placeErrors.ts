import { Observable } from 'rxjs';

/** Errors that have passed a place, with or without a prefix in their message. */
const placed = new WeakSet<object>();

/**
 * Prefixes the message of each error that arises between the previous place and this one. The error is changed, not
 * wrapped, so it keeps its class and fields. Items cost nothing, because the source emits directly to the destination.
 *
 * @param place - the prefix, such as `stages[3] (batch)`. Without it, passing errors keep their message, also at later
 *   places.
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

/** Prefixes an error's message with a place, unless it begins with it. Other values do not change. */
export function prefixMessage(error: unknown, place: string): void {
  if (!(error instanceof Error) || error.message.startsWith(place)) return;
  // The message of a DOMException is read-only, so it does not change.
  Reflect.set(error, 'message', `${place}: ${error.message}`);
}
