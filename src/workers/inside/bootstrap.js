/**
 * The entry of a worker. Plain JavaScript, because `new Worker()` cannot load TypeScript before a loader is registered.
 */
import { workerData } from 'node:worker_threads';

/** @type {{ readonly entry: string, readonly typescriptLoader?: string }} */
const { entry, typescriptLoader } = workerData;
if (typescriptLoader !== undefined) {
  const { register } = await import(typescriptLoader);
  register();
}
await import(entry);
