import { Observable, type Subscriber } from 'rxjs';

/**
 * Returns an Observable that hands its own subscriber on to `source`, and has it carry something for all above. An item
 * costs nothing there.
 *
 * @param connect - called at each subscription; `subscribe` takes what is carried, each thing under its symbol.
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
