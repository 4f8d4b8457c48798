import { currentTurn } from '../base/currentTurn.js';

const LOOK_EVERY = 100;
/** With this many calls, the stack is deep. The stack of Node.js has room for about 10,000 calls. */
const MAX_CALLS = 1000;
/** The maximum number of passes in a turn of the event loop. This many empty passes take about 10 ms. */
const MAX_PASSES_A_TURN = 10_000;

interface Forgetful {
  readonly forget: () => void;
}

/** The passes that have completed since the last pause. Each pass may run on the stack of the previous pass. */
let completedAtOnce: Forgetful[] = [];
let nextLook = LOOK_EVERY;
let completedInTurn = 0;
let turnOfPasses = -1;

/**
 * Returns true if a new subscription must wait for the next turn of the event loop, because the stack is deep. A gated
 * subscription must also wait if many passes have completed in this turn.
 */
export function mustPause(isGated: boolean): boolean {
  return isStackDeep() || (isGated && isTurnLong());
}

/** `repeat` and `concat` deepen the stack, because they subscribe inside the completion of the previous source. */
function isStackDeep(): boolean {
  if (completedAtOnce.length < nextLook) return false;
  nextLook += LOOK_EVERY;
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = MAX_CALLS;
  const calls = new Error().stack?.split('\n').length ?? 0;
  Error.stackTraceLimit = stackTraceLimit;
  return calls >= MAX_CALLS;
}

function isTurnLong(): boolean {
  if (completedInTurn < MAX_PASSES_A_TURN || currentTurn() !== turnOfPasses) return false;
  completedInTurn = 0;
  return true;
}

/**
 * Registers a pass. Call this before the pass completes. Calls `pass.forget` in the next microtask, which is a pause.
 */
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
