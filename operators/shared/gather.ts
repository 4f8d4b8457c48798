import type { Observable } from 'rxjs';
import { gateOf, within } from '../../src/demand/context.js';
import { operate } from '../../src/demand/operate.js';
import { tellStage } from '../../src/resume/pass.js';

/** How {@link gather} makes its groups. */
export interface GatherOptions<T, R> {
  /** As its user knows it. */
  readonly name: string;
  /** Items a group. */
  readonly size: number;
  /** Whether a last group of fewer items is dropped. */
  readonly dropRemainder: boolean;
  /** What is emitted for a group; may throw. */
  readonly make: (items: T[]) => R;
}

/** Puts consecutive items together: what `batch` and `paddedBatch` are made of. */
export function gather<T, R>(source: Observable<T>, options: GatherOptions<T, R>): Observable<R> {
  const { name, size, dropRemainder, make } = options;
  return operate<T, R>(source, (destination) => {
    tellStage(destination, name, { size, dropRemainder });
    const gate = gateOf(destination);
    let gathered: T[] = [];
    const emit = (): void => {
      const items = gathered;
      gathered = [];
      destination.next(make(items));
    };
    const finish = (): void => {
      within(gate, () => {
        try {
          if (gathered.length > 0 && !dropRemainder) emit();
          destination.complete();
        } catch (error) {
          destination.error(error);
        }
      });
    };
    destination.add(() => gate.cancel(finish));
    return {
      holds: name,
      next: (item) => {
        gathered.push(item);
        if (gathered.length === size) emit();
      },
      // The remainder is an item like any other: it waits for the gate.
      complete: () => gate.whenOpen(finish),
    };
  });
}
