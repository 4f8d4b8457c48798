import { writeFileSync, writeSync } from 'node:fs';
import { workerData } from 'node:worker_threads';

/**
 * Runs in a thread of its own beside the fuzzer, which may not come back from an input: then this thread writes the
 * input down, says how to replay it, and ends the process.
 *
 * The shared memory: how many inputs have come so far, the seed of this one, its length; then its bytes.
 */
const { memory, file, command, milliseconds, stderr } = workerData;
const state = new Uint32Array(memory, 0, 3);
/** It looks more often than that, so that a process which was stopped and goes on is not taken for one that hangs. */
const TICKS = 12;
let last = state[0];
let ticks = 0;

setInterval(() => {
  const [count, caseSeed, length] = state;
  ticks = count === last && count > 0 ? ticks + 1 : 0;
  last = count;
  if (ticks < TICKS) return;
  writeFileSync(file, new Uint8Array(memory, state.byteLength, length));
  const replay = `${command} --input ${file} --seed ${caseSeed}`;
  writeSync(stderr, `An input takes longer than ${milliseconds} ms. Replay it:\n  ${replay}\n`);
  process.kill(process.pid, 'SIGKILL');
}, milliseconds / TICKS);
