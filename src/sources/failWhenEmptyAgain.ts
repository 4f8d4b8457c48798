import type { MonoTypeOperatorFunction } from 'rxjs';
import { carriedMemory } from '../demand/chunkMemory.js';
import { gateOf, isUngated } from '../demand/context.js';
import { operate } from '../demand/operate.js';
import { Passes, repeatedNothingError, type EmptyFacts } from '../passes/passes.js';

/** The limit is low, because in Pipe mode each epoch is a new FIFO, which may take minutes to appear. */
const MAX_EMPTY_EPOCHS = 3;

/** Fails at the third consecutive empty epoch. Counts the epochs of all subscriptions. */
export function failWhenEmptyAgain<T>(name: string, { remedy, path }: EmptyFacts): MonoTypeOperatorFunction<T> {
  let emptyInARow = 0;
  const passes = new Passes(name);
  return (source) =>
    operate<T, T>(source, (destination) => {
      const gate = gateOf(destination);
      const pass = passes.begin(destination, isUngated(gate) ? undefined : gate);
      pass.isEmpty = false;
      let isEmpty = true;
      return {
        carries: carriedMemory(destination),
        next: (item) => {
          isEmpty = false;
          emptyInARow = 0;
          destination.next(item);
        },
        complete: () => {
          if (isEmpty) emptyInARow++;
          if (emptyInARow < MAX_EMPTY_EPOCHS) pass.complete();
          else destination.error(repeatedNothingError(messageOf(name, remedy), path));
        },
      };
    });
}

function messageOf(name: string, remedy: string): string {
  return `${name} was empty in ${MAX_EMPTY_EPOCHS} consecutive epochs. ${remedy}`;
}
