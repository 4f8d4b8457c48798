/** Blocks the thread for ever, after saying so at place 0 of shared memory. A notification at place 1 ends it. */
export function blockThread(flags: Int32Array): void {
  Atomics.store(flags, 0, 1);
  Atomics.wait(flags, 1, 0);
}
