import type { Subscriber } from 'rxjs';
import { ChannelError } from '../base/errors.js';
import { shared } from '../base/shared.js';
import { warn } from '../base/warn.js';
import { chainBelow, watchNext, type Watch } from './chain.js';
import { noteCompleted } from './pauses.js';

export const MAX_EMPTY_IN_A_ROW = 3;
const MANY_FRUITLESS = 1000;

export interface Arrivals {
  readonly arrivals: number;
}

/** The previous pass, if no pause followed it. */
interface Before {
  /** Its subscribers. A pass repeats it if they have one in common: `repeat` subscribes each pass for the same one. */
  readonly chain: readonly Subscriber<unknown>[];
  readonly isEmpty: boolean;
  readonly row: EmptyRow | undefined;
  /** The passes without a fruit, up to that one. */
  readonly fruitless: number;
}

/** Empty passes in a row, and whether another source has emitted in the meantime, as in `concat(empty$, other$)`. */
interface EmptyRow {
  readonly others: Watch;
  count: number;
}

const NONE: Before = { chain: [], isEmpty: false, row: undefined, fruitless: 0 };

const repeatedNothing = shared('repeatedNothing', () => new WeakSet());

export function repeatedNothingError(message: string, path: string): ChannelError {
  const error = new ChannelError(message, { code: 'ERR_CHANNEL_EMPTY', path });
  repeatedNothing.add(error);
  return error;
}

export const isRepeatedNothing = (error: unknown): error is ChannelError => repeatedNothing.has(error as object);

/**
 * Counts the passes of one source or stage. A pass that starts immediately after the previous one, as with `repeat`,
 * continues its counts.
 */
export class Passes {
  readonly name: string;
  last = NONE;
  hasWarned = false;

  constructor(name: string) {
    this.name = name;
  }

  forget(): void {
    this.last = NONE;
  }

  /**
   * @param gate - the gate downstream; `undefined` if the consumer has none.
   * @param own - the gate at which the items of a stage arrive; `undefined` for a source.
   */
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
  /** Whether this is a pass of a source that has emitted no item. */
  isEmpty: boolean;
  readonly #passes: Passes;
  readonly #destination: Subscriber<unknown>;
  readonly #chain: readonly Subscriber<unknown>[];
  readonly #gate: Arrivals | undefined;
  readonly #before: Before;
  readonly #row: EmptyRow | undefined;
  readonly #arrivals: number;
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
    const repeater = this.#chain.find((subscriber) => last.chain.includes(subscriber));
    this.#before = repeater ? last : NONE;
    this.#row = repeater && last.isEmpty ? continued(last.row, repeater) : undefined;
    this.#arrivals = gate?.arrivals ?? 0;
  }

  /** Notifies an error instead if a repeated source was always empty. */
  complete(): void {
    const passes = this.#passes;
    const destination = this.#destination;
    const row = this.#row?.others.hasItem ? undefined : this.#row;
    if (this.isEmpty && row && ++row.count === MAX_EMPTY_IN_A_ROW) {
      destination.error(repeatedNothingError(repeatedNothingMessage(passes.name), passes.name));
      return;
    }
    passes.last = { chain: this.#chain, isEmpty: this.isEmpty, row, fruitless: this.#countFruitless() };
    noteCompleted(passes);
    destination.complete();
  }

  #countFruitless(): number {
    if (this.#gate?.arrivals !== this.#arrivals) return 0;
    if (this.#own?.arrivals === this.#ownArrivals) return 0;
    const fruitless = this.#before.fruitless + 1;
    if (fruitless === MANY_FRUITLESS && !this.#passes.hasWarned) {
      this.#passes.hasWarned = true;
      warn('MILLRACE_FRUITLESS', fruitlessMessage(this.#passes.name));
    }
    return fruitless;
  }
}

/** Returns the row to which a pass after an empty one belongs. A new row begins with that empty one. */
function continued(row: EmptyRow | undefined, repeater: Subscriber<unknown>): EmptyRow {
  return row?.others.subscriber === repeater ? row : { others: watchNext(repeater), count: 1 };
}

function repeatedNothingMessage(name: string): string {
  return (
    `${name} was empty ${MAX_EMPTY_IN_A_ROW} times in a row, and repeat() of an empty source never ends. Check the input. ` +
    'If the input may be empty, limit the number of epochs, for example with repeat(2).'
  );
}

function fruitlessMessage(name: string): string {
  return (
    `${name} has been read ${MANY_FRUITLESS} times in a row, but none of its items has reached the consumer. A later ` +
    'operator, for example a filter, may drop all items. If so, repeat() never ends. Check the later operators.'
  );
}
