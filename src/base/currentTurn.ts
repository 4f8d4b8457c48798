let turn = 0;
let isScheduled = false;

/**
 * Returns a number for the current turn of the event loop. It changes only if the loop turns between two calls. Costs
 * one immediate in each turn with a call, and does not keep the process alive.
 */
export function currentTurn(): number {
  if (!isScheduled) {
    isScheduled = true;
    setImmediate(advance).unref();
  }
  return turn;
}

function advance(): void {
  isScheduled = false;
  turn++;
}
