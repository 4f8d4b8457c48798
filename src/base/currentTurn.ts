let turn = 0;
let isScheduled = false;

/**
 * A number that changes only if the event loop turns between two calls. Each turn with a call needs one `setImmediate`,
 * which does not keep the process alive.
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
