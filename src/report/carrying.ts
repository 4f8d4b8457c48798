import { Observable, type Subscriber } from 'rxjs';

/**
 * Passes objects to upstream subscribers, through the subscriber of the source. Adds no subscriber, so items have no
 * overhead.
 *
 * @param connect - called at each subscription. The argument `subscribe` receives the objects by symbol.
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
