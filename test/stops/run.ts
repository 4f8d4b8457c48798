import { randomFromSeed } from 'millrace';

/** One pipeline from start to stop. Depends only on the seed and the number. */
export class Run {
  readonly random: (bound: number) => number;
  /** The error of everything that must fail. */
  readonly boom = new Error('boom');
  readonly abort = new AbortController();
  /** The folder with the data. */
  readonly data: string;
  /** The parts of the pipeline, for messages. */
  readonly words: string[] = [];
  /** True if the source may stop delivering, so that only a stop from outside ends it. */
  isEndless = false;
  /** True if the dataset was closed because it is endless. */
  wasClosed = false;
  /** True if {@link boom} was thrown. */
  hasThrown = false;
  /** The number of tensors that tfjs leaves behind: if training fails, it does not dispose of its sums of the loss. */
  tensorsOfTfjs = 0;
  /** Resolves when the source has its input. */
  isReady: Promise<unknown> = Promise.resolve();
  readonly #cleanups: (() => unknown)[] = [];

  constructor(seed: number, number: number, data: string) {
    const next = randomFromSeed((seed ^ Math.imul(number, 0x9e3779b1)) >>> 0);
    this.random = (bound) => Math.floor(next() * bound);
    this.data = data;
  }

  /** Draws one choice, and notes its name. */
  pick<T>(choices: Readonly<Record<string, T>>): T {
    const names = Object.keys(choices);
    const name = names[this.random(names.length)] as string;
    this.words.push(name);
    return choices[name] as T;
  }

  throwBoom(): never {
    this.hasThrown = true;
    throw this.boom;
  }

  /** Registers a cleanup for after the stop. Use it for what belongs to the test. */
  onEnd(cleanup: () => unknown): void {
    this.#cleanups.push(cleanup);
  }

  /** Runs the cleanups. */
  async end(): Promise<void> {
    for (const cleanup of this.#cleanups.splice(0).reverse()) await cleanup();
  }
}

/** One turn of the event loop. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Runs `work` after some turns of the event loop, unless the run is over. */
export async function atTurn(count: number, isOver: () => boolean, work: () => unknown): Promise<void> {
  for (let i = 0; i < count; i++) {
    if (isOver()) return;
    await turn();
  }
  if (!isOver()) await work();
}
