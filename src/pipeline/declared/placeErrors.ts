import { Observable } from 'rxjs';

const placed = new WeakSet<object>();

/**
 * Adds a prefix to the message of each error, unless an upstream `placeErrors` has handled the error. The error keeps
 * its class and fields. Items have no overhead: the source emits directly to the destination.
 *
 * @param place - the prefix, such as `stages[3] (batch)`. If `undefined`, the error keeps its message, also at a
 *   downstream `placeErrors`.
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

export function prefixMessage(error: unknown, place: string): void {
  if (!(error instanceof Error) || error.message.startsWith(place)) return;
  // An assignment would throw, because the message of a DOMException is read-only.
  Reflect.set(error, 'message', `${place}: ${error.message}`);
}
