import { Observable, type Subscriber } from 'rxjs';

/**
 * Returns an Observable that subscribes `source` with its own subscriber, so an item costs nothing, and lets it carry
 * objects for subscribers above.
 *
 * @param connect - called at each subscription; `subscribe` takes the carried objects by symbol.
 */
export function carrying<T>(
  source: Observable<T>,
  connect: (destination: Subscriber<T>, subscribe: (carried: Readonly<Record<symbol, object>>) => void) => void,
): Observable<T> {
  return new Observable<T>((destination) => {
    connect(destination, (carried) => {
      Object.assign(destination, carried);
      source.subscribe(destination);
    });
  });
}
