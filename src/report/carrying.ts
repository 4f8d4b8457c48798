import { Observable, type Subscriber } from 'rxjs';

/**
 * Stores objects in the destination, where upstream operators can read them. Adds no subscriber, so items have no
 * overhead.
 *
 * @param connect - is called at each subscription. Must call `subscribe` with the objects to store. The keys are
 *   symbols.
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
