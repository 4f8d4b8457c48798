import { Observable, type Subscriber } from 'rxjs';

/**
 * Subscribes to `source` with the subscriber itself, so that items need no additional call. The subscriber carries
 * objects for subscribers upstream.
 *
 * @param connect - called at each subscription. Its argument `subscribe` takes the carried objects by symbol.
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
