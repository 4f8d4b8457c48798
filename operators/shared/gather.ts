import type { Observable } from 'rxjs';
import { gateOf, within } from '../../src/demand/context.js';
import { observerBelow } from '../../src/demand/observer.js';
import { operate } from '../../src/demand/operate.js';
import { tellStage } from '../../src/resume/pass.js';

export interface GatherOptions<T, R> {
  readonly name: string;
  readonly size: number;
  readonly dropRemainder: boolean;
  readonly make: (items: T[]) => R;
}

export function gather<T, R>(source: Observable<T>, options: GatherOptions<T, R>): Observable<R> {
  const { name, size, dropRemainder, make } = options;
  return operate<T, R>(source, (destination) => {
    tellStage(destination, name, { size, dropRemainder });
    const gate = gateOf(destination);
    const observer = observerBelow(destination);
    let gathered: T[] = [];
    const emit = (): void => {
      const items = gathered;
      gathered = [];
      observer?.countBatch();
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
      // The last items also wait for an open gate.
      complete: () => gate.whenOpen(finish),
    };
  });
}
