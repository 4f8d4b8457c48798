import { workerData } from 'node:worker_threads';

/** A module that loads until the test releases it, and counts later calls. */

const { flags } = (workerData as { readonly data: { readonly flags: Int32Array } }).data;

/** The places in shared memory. */
const AT = { begun: 0, mayLoad: 1, loaded: 2, calls: 3 };

Atomics.store(flags, AT.begun, 1);
while (Atomics.load(flags, AT.mayLoad) === 0) await new Promise((resolve) => setImmediate(resolve));
Atomics.store(flags, AT.loaded, 1);

export const map = (): number => Atomics.add(flags, AT.calls, 1);
