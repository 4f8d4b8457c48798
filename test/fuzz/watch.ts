import { Worker } from 'node:worker_threads';

const HEADER_BYTES = 12;
const MAX_INPUT_BYTES = 1 << 20;

/** Far longer than any input of this size takes, also on a machine that has much else to do. */
const HANG_MS = 60_000;

/** Tells the watching thread of inputs. */
export interface Watch {
  readonly onInput: (input: Uint8Array, caseSeed: number) => void;
  readonly stop: () => Promise<number>;
}

/**
 * Watches for an input that never ends: the process is then ended, with the input in a file and the command that
 * replays it on stderr.
 *
 * @param milliseconds - how long an input may take.
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
