import { currentTurn } from '../base/currentTurn.js';

/** The number of passes without a pause between two checks of the stack's depth. */
const LOOK_EVERY = 100;
/** A stack of this many calls is deep. Node has room for about 10,000 calls. */
const MAX_CALLS = 1000;
/** Empty passes take about 10 ms for this number. */
const MAX_PASSES_A_TURN = 10_000;

/** Facts about passes that hold only until a pause. */
interface Forgetful {
  readonly forget: () => void;
}

/** Passes that have completed without a pause. Each pass may run on the stack of the previous pass. */
let completedAtOnce: Forgetful[] = [];
let nextLook = LOOK_EVERY;
let completedInTurn = 0;
let turnOfPasses = -1;

/**
 * Returns whether a new subscription must start on the next turn of the event loop: the stack is deep, or many passes
 * were completed in this turn.
 */
export function mustPause(isGated: boolean): boolean {
  return isStackDeep() || (isGated && isTurnLong());
}

/** The stack grows because `repeat` and `concat` subscribe inside the completion of the previous source. */
function isStackDeep(): boolean {
  if (completedAtOnce.length < nextLook) return false;
  nextLook += LOOK_EVERY;
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = MAX_CALLS;
  const calls = new Error().stack?.split('\n').length ?? 0;
  Error.stackTraceLimit = stackTraceLimit;
  return calls >= MAX_CALLS;
}

/** Returns whether so many passes have run that the event loop must turn. Promises alone do not turn the event loop. */
function isTurnLong(): boolean {
  if (completedInTurn < MAX_PASSES_A_TURN || currentTurn() !== turnOfPasses) return false;
  completedInTurn = 0;
  return true;
}

/** Call it before a pass completes. `pass.forget` is called at the next pause. */
export function noteCompleted(pass: Forgetful): void {
  const turn = currentTurn();
  if (turn !== turnOfPasses) completedInTurn = 0;
  turnOfPasses = turn;
  completedInTurn++;
  if (completedAtOnce.length === 0) queueMicrotask(forgetCompleted);
  completedAtOnce.push(pass);
}

function forgetCompleted(): void {
  for (const pass of completedAtOnce) pass.forget();
  completedAtOnce = [];
  nextLook = LOOK_EVERY;
}
