import { availableParallelism } from 'node:os';

/** @type {import('jest').Config} */
export default {
  testEnvironment: './test/support/jest/environment.js',
  testRunner: './test/support/jest/runner.js',
  testSequencer: './test/support/jest/sequencer.js',
  globalSetup: './test/support/jest/setup.js',
  globalTeardown: './test/support/jest/teardown.js',
  // Node.js loads the TypeScript: see the runner.
  transform: {},
  // Not more workers than cores, although many tests wait for processes: each worker loads and optimizes the code again.
  // On two cores, a third worker took 15 % more CPU time and saved no time.
  maxWorkers: availableParallelism(),
  // The modules of test files stay in memory.
  workerIdleMemoryLimit: '800MB',
  // No test depends on the speed of the machine.
  testTimeout: 60_000,
  testMatch: ['<rootDir>/test/**/*.test.ts'],
};
