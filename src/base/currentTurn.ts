let turn = 0;
let isScheduled = false;

/**
 * Returns a number for the current turn of the event loop. The number changes only if the event loop turns between two
 * calls. Each turn with a call needs one `setImmediate`, which does not keep the process alive.
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
