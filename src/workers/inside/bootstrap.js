/**
 * Where a worker begins: plain JavaScript, since `new Worker()` takes a TypeScript file under no loader, and what
 * registers one has to run first.
 *
 * `workerData` is a `WorkerSetup`.
 */
import { workerData } from 'node:worker_threads';

/** @type {{ readonly entry: string, readonly typescriptLoader?: string }} */
const { entry, typescriptLoader } = workerData;
if (typescriptLoader !== undefined) {
  const { register } = await import(typescriptLoader);
  register();
}
await import(entry);
