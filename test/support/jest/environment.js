import { AsyncLocalStorage } from 'node:async_hooks';
import { chdir, env } from 'node:process';
import { ModernFakeTimers } from '@jest/fake-timers';
import { ModuleMocker } from 'jest-mock';

/** `jest.setTimeout` and `jest.retryTimes` set these properties of `global`. Jest's runner reads them from `globalThis`. */
const SETTINGS = [
  'TEST_TIMEOUT_SYMBOL',
  'RETRY_TIMES',
  'LOG_ERRORS_BEFORE_RETRY',
  'WAIT_BEFORE_RETRY',
  'RETRY_IMMEDIATELY',
].map((name) => Symbol.for(name));

/**
 * Tests run in Node.js itself, not in a context of the module `vm`. See {@link file://./runner.js}.
 *
 * Jest makes an `AsyncLocalStorage` for each test file and never disables it. Node 20 then copies its store for every
 * promise of all later files: after 100 files, a file that awaits much takes 4 times the CPU.
 */
export default class {
  /** Not `globalThis` itself: Jest makes a new `console` for each file, but packages may keep the first one. */
  global = Object.create(globalThis);
  moduleMocker = new ModuleMocker(globalThis);
  fakeTimers = null;
  fakeTimersModern;
  #folder;
  #variables = { ...env };
  #run = AsyncLocalStorage.prototype.run;
  /** @type {Set<AsyncLocalStorage<unknown>>} */
  #storages = new Set();

  /** @param {{ projectConfig: any }} config */
  constructor({ projectConfig }) {
    this.#folder = projectConfig.rootDir;
    this.fakeTimersModern = new ModernFakeTimers({ config: projectConfig, global: globalThis });
    for (const key of SETTINGS) {
      Object.defineProperty(this.global, key, {
        get: () => Reflect.get(globalThis, key),
        set: (value) => {
          Reflect.set(globalThis, key, value);
        },
      });
    }
  }

  setup() {
    chdir(this.#folder);
    const storages = this.#storages;
    const run = this.#run;
    AsyncLocalStorage.prototype.run = function (...args) {
      storages.add(this);
      return run.apply(this, args);
    };
  }

  teardown() {
    this.fakeTimersModern.dispose();
    chdir(this.#folder);
    for (const name of Object.keys(env)) if (!(name in this.#variables)) Reflect.deleteProperty(env, name);
    Object.assign(env, this.#variables);
    AsyncLocalStorage.prototype.run = this.#run;
    for (const storage of this.#storages) storage.disable();
    for (const key of SETTINGS) Reflect.deleteProperty(globalThis, key);
  }

  exportConditions() {
    return ['node', 'node-addons'];
  }

  getVmContext() {
    return null;
  }
}
