import type { MonoTypeOperatorFunction } from 'rxjs';
import { gateOf, isUngated } from '../demand/context.js';
import { operate } from '../demand/operate.js';
import { MAX_EMPTY_IN_A_ROW, Passes, repeatedNothingError } from '../passes/passes.js';

/** The parts of the error of {@link failWhenEmptyAgain}. */
export interface EmptyEpochs {
  /** The call that was empty, as the user wrote it. */
  readonly what: string;
  /** What to do about it, as sentences. */
  readonly remedy: string;
}

/**
 * Lets two empty epochs in a row pass, counted over all subscriptions, and makes the next one an error.
 *
 * @returns a function that returns the operator; `path` is the path for the error.
 */
export function failWhenEmptyAgain<T>({ what, remedy }: EmptyEpochs): (path: string) => MonoTypeOperatorFunction<T> {
  let emptyInARow = 0;
  const passes = new Passes(what);
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
          else destination.error(repeatedNothingError(messageOf(what, remedy), path));
        },
      };
    });
}

function messageOf(what: string, remedy: string): string {
  return `${what} was empty ${MAX_EMPTY_IN_A_ROW} epochs in a row, and repeat() over nothing never ends. ${remedy}`;
}
