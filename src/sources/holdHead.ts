import type { MonoTypeOperatorFunction } from 'rxjs';
import { operate } from '../demand/operate.js';

/**
 * Joins the first chunks to one chunk, until `isKnown` returns true for the joined chunk. `isWhole` is true if no
 * chunks follow.
 */
export function holdHead(
  isKnown: (head: Uint8Array, isWhole: boolean) => boolean,
): MonoTypeOperatorFunction<Uint8Array> {
  return (source) =>
    operate(source, (destination) => {
      let head: Uint8Array | undefined = new Uint8Array(0);
      const release = (): void => {
        if (head && head.length > 0) destination.next(head);
        head = undefined;
      };
      return {
        next: (chunk) => {
          if (!head) {
            destination.next(chunk);
            return;
          }
          head = head.length === 0 ? chunk : Buffer.concat([head, chunk]);
          if (isKnown(head, false)) release();
        },
        error: (error) => {
          release();
          destination.error(error);
        },
        complete: () => {
          if (head) isKnown(head, true);
          release();
          destination.complete();
        },
      };
    });
}
