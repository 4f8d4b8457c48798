import { seededRandom } from '../../src/base/seededRandom.js';

/** One pipeline on its way from being built to having been stopped. What it does is a function of the seed and its number. */
export class Run {
  readonly random: (bound: number) => number;
  /** What everything fails with that is made to fail. */
  readonly boom = new Error('boom');
  readonly abort = new AbortController();
  /** The folder with the data. */
  readonly data: string;
  /** What it consists of, for whoever has to find out what went wrong. */
  readonly words: string[] = [];
  /** Whether the source may never say anything again, so that only a stop from outside ends it. */
  isEndless = false;
  /** Whether its dataset was closed because it is endless. */
  wasClosed = false;
  /** Whether {@link boom} has been thrown. */
  hasThrown = false;
  /** How many tensors tfjs itself leaves behind, since it forgets its sums of the loss when training fails. */
  tensorsOfTfjs = 0;
  /** Settles when what feeds the source is there. */
  isReady: Promise<unknown> = Promise.resolve();
  readonly #cleanups: (() => unknown)[] = [];

  constructor(seed: number, number: number, data: string) {
    this.random = seededRandom(seed, number);
    this.data = data;
  }

  /** Draws one of several, and notes its name. */
  pick<T>(choices: Readonly<Record<string, T>>): T {
    const names = Object.keys(choices);
    const name = names[this.random(names.length)] as string;
    this.words.push(name);
    return choices[name] as T;
  }

  /** Throws {@link boom}. */
  throwBoom(): never {
    this.hasThrown = true;
    throw this.boom;
  }

  /** Has something released when the pipeline has been stopped: what belongs to the test and not to the pipeline. */
  onEnd(cleanup: () => unknown): void {
    this.#cleanups.push(cleanup);
  }

  /** Releases what belongs to the test. */
  async end(): Promise<void> {
    for (const cleanup of this.#cleanups.splice(0).reverse()) await cleanup();
  }
}

/** One turn of the event loop. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Does something after so many turns of the event loop, unless it is over by then. */
export async function atTurn(count: number, isOver: () => boolean, work: () => unknown): Promise<void> {
  for (let i = 0; i < count; i++) {
    if (isOver()) return;
    await turn();
  }
  if (!isOver()) await work();
}
