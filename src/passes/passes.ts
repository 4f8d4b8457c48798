import type { Subscriber } from 'rxjs';
import { ChannelError } from '../base/errors.js';
import { shared } from '../base/shared.js';
import { warn } from '../base/warn.js';
import { chainBelow } from './chain.js';
import { EmptyRow, watchAll, watchIn, type RowWatch } from './emptyRow.js';
import { noteCompleted } from './pauses.js';

/** A finite list of sources rarely has more empty passes. An endless `repeat` of an empty source soon has more. */
const MAX_EMPTY_IN_A_ROW = 100;
const MANY_FRUITLESS = 1000;

export interface Arrivals {
  readonly arrivals: number;
}

/** The previous pass, if no pause followed. */
interface Before {
  /**
   * The subscribers of the previous pass. A new pass with one of them is a repetition, because `repeat` uses the same
   * subscriber for each pass.
   */
  readonly chain: readonly Subscriber<unknown>[];
  /** The downstream gate. `arrivals` is the number of items that had arrived at this gate at the end of the pass. */
  readonly gate: Arrivals | undefined;
  readonly arrivals: number | undefined;
  /** The number of consecutive passes whose items did not reach the consumer, including the previous pass. */
  readonly fruitless: number;
}

const EMPTY_REMEDY =
  'Check the input. If the input may be empty, read it at most 99 times without a pause, or pause between the reads, ' +
  'for example with repeat({ count: 200, delay: 1 }).';

const NONE: Before = { chain: [], gate: undefined, arrivals: undefined, fruitless: 0 };

const repeatedNothing = shared('repeatedNothing', () => new WeakSet());

export function repeatedNothingError(message: string, path: string): ChannelError {
  const error = new ChannelError(message, { code: 'ERR_CHANNEL_EMPTY', path });
  repeatedNothing.add(error);
  return error;
}

export const isRepeatedNothing = (error: unknown): error is ChannelError => repeatedNothing.has(error as object);

export interface EmptyFacts {
  readonly remedy: string;
  readonly path: string;
}

/**
 * Counts the passes of a source or stage. A pass that starts immediately after the previous pass, as with `repeat`,
 * continues the counts of the previous pass.
 */
export class Passes {
  readonly name: string;
  readonly empty: EmptyFacts;
  last = NONE;
  hasWarned = false;
  #row: EmptyRow | undefined;
  #emptyInRow = 0;

  constructor(name: string, empty: EmptyFacts = { remedy: EMPTY_REMEDY, path: name }) {
    this.name = name;
    this.empty = empty;
  }

  countEmpty(row: EmptyRow): number {
    if (this.#row !== row) this.#emptyInRow = 0;
    this.#row = row;
    return ++this.#emptyInRow;
  }

  /** @param own - the stage's own gate, which counts the received items. `undefined` if this is a source. */
  begin(destination: Subscriber<unknown>, gate: Arrivals | undefined, own?: Arrivals): OnePass {
    return new OnePass(this, { destination, gate, own });
  }
}

interface PassGates {
  readonly destination: Subscriber<unknown>;
  readonly gate: Arrivals | undefined;
  readonly own: Arrivals | undefined;
}

export class OnePass {
  isEmpty: boolean;
  readonly #passes: Passes;
  readonly #destination: Subscriber<unknown>;
  readonly #chain: readonly Subscriber<unknown>[];
  readonly #gate: Arrivals | undefined;
  readonly #before: Before;
  readonly #watch: RowWatch | undefined;
  #row: EmptyRow | undefined;
  readonly #arrivals: number | undefined;
  readonly #own: Arrivals | undefined;
  readonly #ownArrivals: number;

  constructor(passes: Passes, { destination, gate, own }: PassGates) {
    this.isEmpty = own === undefined;
    this.#passes = passes;
    this.#gate = gate;
    this.#own = own;
    this.#ownArrivals = own?.arrivals ?? 0;
    this.#destination = destination;
    this.#chain = chainBelow(destination);
    const { last } = passes;
    this.#before = this.#chain.some((subscriber) => last.chain.includes(subscriber)) ? last : NONE;
    this.#watch = this.isEmpty ? watchIn(this.#chain) : undefined;
    if (this.#watch?.hasItem === false && this.#watch.row.join(destination)) this.#row = this.#watch.row;
    this.#arrivals = this.#before.gate === gate ? this.#before.arrivals : gate?.arrivals;
  }

  complete(): void {
    const passes = this.#passes;
    const destination = this.#destination;
    if (this.isEmpty && this.#countEmpty() >= MAX_EMPTY_IN_A_ROW) {
      const { name, empty } = passes;
      noteCompleted(this);
      destination.error(repeatedNothingError(repeatedNothingMessage(name, empty.remedy), empty.path));
      return;
    }
    const fruitless = this.#countFruitless();
    passes.last = { chain: this.#chain, gate: this.#gate, arrivals: this.#gate?.arrivals, fruitless };
    noteCompleted(this);
    destination.complete();
  }

  forget(): void {
    this.#passes.last = NONE;
    if (this.#row) this.#row.isFresh = false;
  }

  #countEmpty(): number {
    if (this.#watch?.hasItem !== false) this.#row = undefined;
    this.#row ??= new EmptyRow();
    this.#row.isFresh = true;
    watchAll(this.#chain, this.#row);
    return this.#passes.countEmpty(this.#row);
  }

  #countFruitless(): number {
    if (this.isEmpty || this.#gate?.arrivals !== this.#arrivals) return 0;
    if (this.#own?.arrivals === this.#ownArrivals) return 0;
    const fruitless = this.#before.fruitless + 1;
    if (fruitless === MANY_FRUITLESS && !this.#passes.hasWarned) {
      this.#passes.hasWarned = true;
      warn('MILLRACE_FRUITLESS', fruitlessMessage(this.#passes.name));
    }
    return fruitless;
  }
}

function repeatedNothingMessage(name: string, remedy: string): string {
  return `${name} had no item in ${MAX_EMPTY_IN_A_ROW} consecutive subscriptions. ${remedy}`;
}

function fruitlessMessage(name: string): string {
  return (
    `${name} has been read ${MANY_FRUITLESS} consecutive times, but none of its items has reached the consumer. ` +
    'A later operator, for example a filter, may drop all items. If so, repeat() never ends. Check the later ' +
    'operators.'
  );
}
