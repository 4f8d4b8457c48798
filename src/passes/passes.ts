import type { Subscriber } from 'rxjs';
import { currentTurn } from '../base/currentTurn.js';
import { ChannelError } from '../base/errors.js';
import { shared } from '../base/shared.js';
import { warn } from '../base/warn.js';
import { consumerOf } from './consumerOf.js';

export const MAX_EMPTY_IN_A_ROW = 3;
const MANY_FRUITLESS = 1000;
/** The number of passes without a pause between two checks of the stack's depth. */
const LOOK_EVERY = 100;
/** A stack of this many calls is deep. Node has room for about 10,000 calls. */
const MAX_CALLS = 1000;
/** Empty passes take about 10 ms for this number. */
const MAX_PASSES_A_TURN = 10_000;

export interface Arrivals {
  readonly arrivals: number;
}

/** The counts of consecutive passes without a pause. */
interface Before {
  /** A pass continues the counts only if it has the same consumer. */
  readonly consumer?: object;
  readonly empty: number;
  readonly fruitless: number;
}

const NONE: Before = { empty: 0, fruitless: 0 };

/** Passes that have completed without a pause. Each pass may run on the stack of the previous pass. */
let completedAtOnce: Passes[] = [];
let nextLook = LOOK_EVERY;
let completedInTurn = 0;
let turnOfPasses = -1;

/**
 * Returns whether the stack is deep, so that a new subscription must start on the next turn of the event loop. The
 * stack grows because `repeat` and `concat` subscribe inside the completion of the previous source.
 */
export function isStackDeep(): boolean {
  if (completedAtOnce.length < nextLook) return false;
  nextLook += LOOK_EVERY;
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = MAX_CALLS;
  const calls = new Error().stack?.split('\n').length ?? 0;
  Error.stackTraceLimit = stackTraceLimit;
  return calls >= MAX_CALLS;
}

/** Returns whether so many passes have run that the event loop must turn. Promises alone do not turn the event loop. */
export function isTurnLong(): boolean {
  if (completedInTurn < MAX_PASSES_A_TURN || currentTurn() !== turnOfPasses) return false;
  completedInTurn = 0;
  return true;
}

function noteCompleted(passes: Passes): void {
  const turn = currentTurn();
  if (turn !== turnOfPasses) completedInTurn = 0;
  turnOfPasses = turn;
  completedInTurn++;
  if (completedAtOnce.length === 0) queueMicrotask(forgetCompleted);
  completedAtOnce.push(passes);
}

function forgetCompleted(): void {
  for (const passes of completedAtOnce) passes.last = NONE;
  completedAtOnce = [];
  nextLook = LOOK_EVERY;
}

const repeatedNothing = shared('repeatedNothing', () => new WeakSet());

/** Returns the error of a repeated source that is probably always empty. */
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
  /** The counts of the last pass, if no pause followed it. */
  last: Before = NONE;
  hasWarned = false;

  constructor(name: string) {
    this.name = name;
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
  readonly #consumer: object;
  readonly #gate: Arrivals | undefined;
  readonly #before: Before;
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
    this.#consumer = consumerOf(destination);
    this.#before = passes.last.consumer === this.#consumer ? passes.last : NONE;
    this.#arrivals = gate?.arrivals ?? 0;
  }

  /** Completes the destination. Notifies an error instead if a repeated source was always empty. */
  complete(): void {
    const passes = this.#passes;
    const destination = this.#destination;
    const empty = this.isEmpty ? this.#before.empty + 1 : 0;
    if (empty === MAX_EMPTY_IN_A_ROW) {
      destination.error(repeatedNothingError(repeatedNothingMessage(passes.name), passes.name));
      return;
    }
    passes.last = { consumer: this.#consumer, empty, fruitless: this.#countFruitless() };
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

function repeatedNothingMessage(name: string): string {
  return (
    `${name} was empty ${MAX_EMPTY_IN_A_ROW} times in a row, and repeat() of an empty source never ends. Check its input. ` +
    'If it may be empty, limit the number of epochs: repeat(2), or no repeat.'
  );
}

function fruitlessMessage(name: string): string {
  return (
    `${name} has been read ${MANY_FRUITLESS} times in a row, but none of its items has reached the consumer. An operator ` +
    'below it, for example a filter, may drop all of them, and repeat() then never ends. Check that operator.'
  );
}
