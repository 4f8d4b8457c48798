import { defer, type Observable } from 'rxjs';
import { fromInputs, Input, type Combination } from './inputs.js';
import { tellStage } from '../../src/resume/pass.js';
import { Queue } from '../../src/base/queue.js';

export interface InterleavedOptions<T, R> {
  readonly name: string;
  readonly cycleLength: number;
  readonly blockLength: number;
  readonly project: (item: T) => Observable<R>;
}

export function interleaved<T, R>(source: Observable<T>, options: InterleavedOptions<T, R>): Observable<R> {
  const { name, cycleLength, blockLength, project } = options;
  return fromInputs<R>(name, ({ destination, onChange, emit, complete }): Combination => {
    tellStage(destination, name, { cycleLength, blockLength });
    const outer = new Input(source, { name: `${name}: sources`, destination, onChange });
    const open: (Input<R> | undefined)[] = [];
    /** The positions of ended sources, in the order of their turns. */
    const vacated = new Queue<number>();
    let position = 0;
    let taken = 0;

    const moveTo = (place: number): void => {
      position = place;
      taken = 0;
    };

    const openStreams = (): void => {
      while (open.length < cycleLength || vacated.length > 0) {
        outer.want();
        if (!outer.isReady) return;
        const item = outer.take();
        const stream = defer(() => project(item));
        const input = new Input(stream, { name, destination, onChange });
        open[open.length < cycleLength ? open.length : (vacated.shift() as number)] = input;
        input.start();
      }
    };

    /**
     * Returns false if the outer source may still fill this position. Otherwise moves to the next position, or
     * completes if all sources have ended.
     */
    const passVacant = (): boolean => {
      if (!outer.isOver) return false;
      if (open.some((input) => input)) moveTo(position + 1 < open.length ? position + 1 : 0);
      else complete();
      return true;
    };

    const step = (): boolean => {
      openStreams();
      for (const each of open) each?.want();
      const input = open[position];
      if (!input) return passVacant();
      if (input.isReady) {
        const item = input.take();
        if (++taken === blockLength) moveTo((position + 1) % cycleLength);
        emit(item);
      } else if (input.isOver) {
        open[position] = undefined;
        vacated.push(position);
        moveTo((position + 1) % cycleLength);
      } else return false;
      return true;
    };
    const start = (): void => {
      outer.start();
    };
    return { start, step };
  });
}
