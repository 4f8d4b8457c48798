let turn = 0;
let isScheduled = false;

/**
 * The number of the present turn of the event loop, as far as anyone asks: two calls give different numbers only if
 * the loop has come round between them. Costs one immediate a turn in which it is asked for, and keeps no process alive.
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
