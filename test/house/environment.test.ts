import { AsyncLocalStorage } from 'node:async_hooks';
import { tmpdir } from 'node:os';
import { chdir, cwd, env } from 'node:process';
import { describe, expect, it } from '@jest/globals';
import Environment from '../support/jest/environment.js';

const projectConfig = { rootDir: cwd(), fakeTimers: {} };
const currentRun = (): unknown => Reflect.get(AsyncLocalStorage.prototype, 'run');

describe('the environment of the tests', () => {
  it('disables at its end what a test file stores for its promises', () => {
    const run = currentRun();
    const environment = new Environment({ projectConfig });
    environment.setup();
    const storage = new AsyncLocalStorage<string>();
    storage.run('store', () => {
      expect(storage.getStore()).toBe('store');
      environment.teardown();
      expect(storage.getStore()).toBeUndefined();
    });
    expect(currentRun()).toBe(run);
  });

  it('passes the timeout of a test file to the runner, and removes it at its end', () => {
    const timeout = Symbol.for('TEST_TIMEOUT_SYMBOL');
    const before: unknown = Reflect.get(globalThis, timeout);
    const environment = new Environment({ projectConfig });
    environment.setup();
    Reflect.set(environment.global, timeout, 5);
    expect(Reflect.get(globalThis, timeout)).toBe(5);
    environment.teardown();
    expect(Reflect.get(globalThis, timeout)).toBeUndefined();
    Reflect.set(globalThis, timeout, before);
  });

  it('restores at its end the folder and the variables of the process', () => {
    const environment = new Environment({ projectConfig });
    const { PATH } = env;
    environment.setup();
    chdir(tmpdir());
    Object.assign(env, { PATH: '', OF_THE_TEST: 'x' });
    environment.teardown();
    expect([cwd(), env['PATH'], env['OF_THE_TEST']]).toEqual([projectConfig.rootDir, PATH, undefined]);
  });
});
