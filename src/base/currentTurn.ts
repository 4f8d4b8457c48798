let turn = 0;
let isScheduled = false;

/**
 * Returns the number of the current turn of the event loop. Each turn with a call needs one `setImmediate`. This timer
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
