import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, it } from '@jest/globals';
import Environment from '../support/environment.js';

const config = { globals: {}, testEnvironmentOptions: {}, fakeTimers: {} };
const currentRun = (): unknown => Reflect.get(AsyncLocalStorage.prototype, 'run');
type Parameters = ConstructorParameters<typeof Environment>;

describe('the environment of the tests', () => {
  it('disables at its end what a test file stores for its promises', async () => {
    const run = currentRun();
    const environment = new Environment({ projectConfig: config } as Parameters[0], {} as Parameters[1]);
    await environment.setup();
    const storage = new AsyncLocalStorage<string>();
    await storage.run('store', async () => {
      expect(storage.getStore()).toBe('store');
      await environment.teardown();
      expect(storage.getStore()).toBeUndefined();
    });
    expect(currentRun()).toBe(run);
  });
});
