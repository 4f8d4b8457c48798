let turn = 0;
let isScheduled = false;

/**
 * Returns the number of the current turn of the event loop. Uses one `setImmediate` for each turn with a call, which
 * does not keep the process alive.
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
