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
  // Many tests wait for processes: with one worker for each core, a third of the CPU time was idle.
  maxWorkers: Math.ceil(1.5 * availableParallelism()),
  // The modules of test files stay in memory.
  workerIdleMemoryLimit: '800MB',
  // No test depends on the speed of the machine.
  testTimeout: 60_000,
  testMatch: ['<rootDir>/test/**/*.test.ts'],
};
