/** Sets place 0 of shared memory, then blocks the thread. A notification at place 1 unblocks it. */
export function blockThread(flags: Int32Array): void {
  Atomics.store(flags, 0, 1);
  Atomics.wait(flags, 1, 0);
}
