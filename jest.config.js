/** @type {import('jest').Config} */
export default {
  testEnvironment: './test/support/environment.js',
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
    '^millrace/(formats|tfjs|agent|testing|s3)$': '<rootDir>/src/$1/index.ts',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  // Most tests wait for processes: one worker would leave a core idle.
  maxWorkers: '100%',
  // Node 20 keeps the modules of a test file in memory if some import each other, as zod's do. In a worker that had run
  // a hundred files, a test that takes 10 s of CPU took 33 s.
  workerIdleMemoryLimit: '400MB',
  // No test depends on the speed of the machine.
  testTimeout: 60_000,
  testMatch: ['<rootDir>/test/**/*.test.ts'],
};
