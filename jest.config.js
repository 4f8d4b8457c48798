import { availableParallelism } from 'node:os';

/** @type {import('jest').Config} */
export default {
  testEnvironment: './test/support/environment.js',
  globalSetup: './test/support/globalSetup.js',
  globalTeardown: './test/support/globalTeardown.js',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'es6' } },
    ],
  },
  moduleNameMapper: {
    '^millrace$': '<rootDir>/src/index.ts',
    '^millrace/operators$': '<rootDir>/operators/index.ts',
    '^millrace/(formats|tfjs|agent|testing|s3|onnx|nats)$': '<rootDir>/src/$1/index.ts',
    '^millrace/parquet$': '<rootDir>/src/pipeline/parquet/index.ts',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  // Many tests wait for processes: with one worker for each core, a third of the CPU time was idle.
  maxWorkers: Math.ceil(1.5 * availableParallelism()),
  // Node 20 keeps the modules of test files in memory: a worker would grow to 1.2 GB.
  workerIdleMemoryLimit: '800MB',
  // No test depends on the speed of the machine.
  testTimeout: 60_000,
  testMatch: ['<rootDir>/test/**/*.test.ts'],
};
