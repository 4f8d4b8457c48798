let turn = 0;
let isScheduled = false;

/**
 * A number that differs between turns of the event loop. The first call in a turn schedules a `setImmediate`, which
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
