import { Observable, type Subscriber } from 'rxjs';

/**
 * Adds objects to the subscriber of a source, for subscribers upstream. Makes no new subscriber, so items need no
 * additional call.
 *
 * @param connect - called at each subscription. Its argument `subscribe` takes the objects by symbol.
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
