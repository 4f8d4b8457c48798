import { Worker } from 'node:worker_threads';

const HEADER_BYTES = 12;
const MAX_INPUT_BYTES = 1 << 20;

/** Far longer than any input of this size takes, even on a busy machine. */
const HANG_MS = 60_000;

/** Reports inputs to the watching thread. */
export interface Watch {
  readonly onInput: (input: Uint8Array, caseSeed: number) => void;
  readonly stop: () => Promise<number>;
}

/**
 * Watches for an input that never ends. Then ends the process, writes the input to a file, and prints the command that
 * repeats the input.
 *
 * @param milliseconds - the maximum time for an input.
 */
export function watch(file: string, command: string, milliseconds = HANG_MS): Watch {
  const memory = new SharedArrayBuffer(HEADER_BYTES + MAX_INPUT_BYTES);
  const state = new Uint32Array(memory, 0, 3);
  const bytes = new Uint8Array(memory, HEADER_BYTES);
  const workerData = { memory, file, command, milliseconds, stderr: process.stderr.fd };
  const worker = new Worker(new URL('watchdog.js', import.meta.url), { workerData, execArgv: [] });
  worker.unref();
  return {
    onInput: (input, caseSeed) => {
      bytes.set(input.subarray(0, MAX_INPUT_BYTES));
      state[2] = input.length;
      state[1] = caseSeed;
      state[0]!++;
    },
    stop: () => worker.terminate(),
  };
}
