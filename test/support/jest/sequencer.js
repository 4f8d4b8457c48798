import TestSequencer from '@jest/test-sequencer';

/** Most files of these folders start processes. */
const STARTS_PROCESSES = /\/test\/(?:agent|cli|examples|nats|page|s3|sagemaker|scripts|stops)\//;

/**
 * Runs the tests that start processes first, because Linux copies the page tables of a Jest process for each process that
 * it starts. A Jest process grows with each test file: after 100 files, starting a process takes 50 ms of CPU time.
 */
export default class extends TestSequencer {
  /** @override */
  sort(tests) {
    const sorted = super.sort(tests);
    const startsProcesses = ({ path }) => STARTS_PROCESSES.test(path);
    return [...sorted.filter(startsProcesses), ...sorted.filter((test) => !startsProcesses(test))];
  }
}
