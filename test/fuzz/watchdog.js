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
let last = state[0];

setInterval(() => {
  const [count, caseSeed, length] = state;
  if (count === last && length > 0) {
    writeFileSync(file, new Uint8Array(memory, state.byteLength, length));
    writeSync(
      stderr,
      `An input takes longer than ${milliseconds} ms. Replay it:\n  ${command} --input ${file} --seed ${caseSeed}\n`,
    );
    process.kill(process.pid, 'SIGKILL');
  }
  last = count;
}, milliseconds);
