import type { WorkerCursor } from './cursor.js';

let created = 0;

/** The last reported positions of the threads of an `inWorker`. */
export class WorkerPositions {
  /** A number that is unique in this process. */
  readonly id = created++;
  saved: readonly WorkerCursor[] | undefined;
  /** With `recordsPerItem`: the number of steps of each thread before its first item. */
  steps: readonly number[] | undefined;
  /** With `recordsPerItem`: the thread of the first item. */
  firstPart = 0;
  readonly #found: WorkerCursor[] = [];

  update(index: number, cursor: WorkerCursor): void {
    this.#found[index] = cursor;
  }

  hasInput(name: string): boolean {
    return this.#found.some(({ inputs }) => Object.hasOwn(inputs, name));
  }

  read(): readonly WorkerCursor[] {
    return [...this.#found];
  }
}
