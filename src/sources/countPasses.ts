import type { MonoTypeOperatorFunction } from 'rxjs';
import { gateOf, isUngated } from '../demand/context.js';
import { operate } from '../demand/operate.js';
import { Passes, type EmptyFacts } from '../passes/passes.js';

/** Fails if the source is repeated and always empty. Counts the epochs of all subscriptions. */
export function countPasses<T>(name: string, empty: EmptyFacts): MonoTypeOperatorFunction<T> {
  const passes = new Passes(name, empty);
  return (source) =>
    operate<T, T>(source, (destination) => {
      const gate = gateOf(destination);
      const pass = passes.begin(destination, isUngated(gate) ? undefined : gate);
      return {
        next: (item) => {
          pass.isEmpty = false;
          destination.next(item);
        },
        complete: () => pass.complete(),
      };
    });
}
