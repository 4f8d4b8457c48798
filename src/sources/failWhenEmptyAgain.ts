import type { MonoTypeOperatorFunction } from 'rxjs';
import { gateOf, isUngated } from '../demand/context.js';
import { operate } from '../demand/operate.js';
import { MAX_EMPTY_IN_A_ROW, Passes, repeatedNothingError } from '../passes/passes.js';

export interface EmptyEpochs {
  readonly name: string;
  readonly remedy: string;
}

/**
 * Notifies an error for the third consecutive empty epoch, counted over all subscriptions.
 *
 * @returns a function that makes the operator from the path for the error.
 */
export function failWhenEmptyAgain<T>({ name, remedy }: EmptyEpochs): (path: string) => MonoTypeOperatorFunction<T> {
  let emptyInARow = 0;
  const passes = new Passes(name);
  return (path) => (source) =>
    operate<T, T>(source, (destination) => {
      const gate = gateOf(destination);
      const pass = passes.begin(destination, isUngated(gate) ? undefined : gate);
      pass.isEmpty = false;
      let isEmpty = true;
      return {
        next: (item) => {
          isEmpty = false;
          emptyInARow = 0;
          destination.next(item);
        },
        complete: () => {
          if (isEmpty) emptyInARow++;
          if (emptyInARow < MAX_EMPTY_IN_A_ROW) pass.complete();
          else destination.error(repeatedNothingError(messageOf(name, remedy), path));
        },
      };
    });
}

function messageOf(name: string, remedy: string): string {
  return `${name} was empty ${MAX_EMPTY_IN_A_ROW} epochs in a row, and repeat() of an empty source never ends. ${remedy}`;
}
