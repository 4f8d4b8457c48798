import { createRequire, register } from 'node:module';
import { pathToFileURL } from 'node:url';
import circusModule from 'jest-circus/runner';

const require = createRequire(import.meta.url);
const INITIALIZER = createRequire(require.resolve('jest-circus/runner')).resolve('./jestAdapterInit.js');
const HANDLERS = Symbol.for('EVENT_HANDLERS');
let files = 0;

register('./typeScriptLoader.js', import.meta.url);

/**
 * Runs the tests of a file with Jest's own runner, but loads modules with Node.js instead of Jest. Each process then
 * loads and optimizes `src`, `operators` and the packages once, not again for each test file. The modules of `test` are
 * loaded for each file, because many of them register hooks.
 *
 * @type {import('jest-circus').TestFramework}
 */
export default function run(globalConfig, config, environment, runtime, testPath, ...rest) {
  // The tests and handlers of the last file.
  Reflect.deleteProperty(require.cache, INITIALIZER);
  Reflect.deleteProperty(globalThis, HANDLERS);
  files++;
  const { jest } = runtime.requireModuleOrMock(testPath, '@jest/globals');
  const native = Object.assign(Object.create(runtime), {
    requireInternalModule: require,
    setGlobalsForRuntime: (globals) => Object.assign(globalThis, globals, { jestGlobals: { ...globals, jest } }),
    unstable_shouldLoadAsEsm: () => true,
    unstable_importModule: (path) => import(`${pathToFileURL(path).href}?file=${files}`),
  });
  return circusModule.default(globalConfig, config, environment, native, testPath, ...rest);
}
