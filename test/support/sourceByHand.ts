import type { Observable } from 'rxjs';
import { pullSource, type Outlet } from '../../src/demand/pullSource.js';

/** A source whose values the test delivers. */
export interface HandSource<T> {
  readonly source$: Observable<T>;
  /** Delivers the requested value. */
  readonly deliver: (value: T) => void;
  readonly complete: () => void;
  /** True if a requested value is not delivered yet. */
  readonly isAsked: () => boolean;
}

/** Makes a source whose values the test delivers, to one subscriber at a time. */
export function sourceByHand<T>(name?: string): HandSource<T> {
  let outlet: Outlet<T> | undefined;
  let isAsked = false;
  const source$ = pullSource<T>((opened) => {
    outlet = opened;
    return { pull: () => (isAsked = true), close: () => (isAsked = false) };
  }, name);
  return {
    source$,
    deliver: (value) => {
      isAsked = false;
      outlet?.deliver(value);
    },
    complete: () => outlet?.complete(),
    isAsked: () => isAsked,
  };
}
