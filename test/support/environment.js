import { AsyncLocalStorage } from 'node:async_hooks';
import { TestEnvironment } from 'jest-environment-node';

/**
 * Each test file has the typed arrays of Node.js itself. Native modules such as ONNX Runtime make and accept only those.
 *
 * Jest makes an `AsyncLocalStorage` for each test file and never disables it. Node 20 then copies its store for every
 * promise of all later files: after 100 files, a file that awaits much takes 4 times the CPU.
 */
export default class extends TestEnvironment {
  #run = AsyncLocalStorage.prototype.run;
  #storages = new Set();

  async setup() {
    await super.setup();
    const classes = { Float32Array, Float64Array, Int8Array, Int16Array, Uint16Array, Int32Array, Uint32Array };
    Object.assign(this.global, classes, { BigInt64Array, BigUint64Array });
    const [run, storages] = [this.#run, this.#storages];
    AsyncLocalStorage.prototype.run = function (...args) {
      storages.add(this);
      return run.apply(this, args);
    };
  }

  async teardown() {
    await super.teardown();
    AsyncLocalStorage.prototype.run = this.#run;
    for (const storage of this.#storages) storage.disable();
  }
}
