import { performance } from 'node:perf_hooks';
import { afterEach, beforeEach, jest } from '@jest/globals';

/** A clock that goes on when the test says so. */
export interface HandClock {
  /** Time passes, in which the thread has nothing to do. */
  readonly idle: (ms: number) => void;
  /** Time passes, in which the thread is busy. */
  readonly busy: (ms: number) => void;
}

/** Puts a clock by hand in the place of the process's own, for each test of a `describe`. */
export function handClock(): HandClock {
  let now = 0;
  let idleMs = 0;
  beforeEach(() => {
    now = idleMs = 0;
    jest.spyOn(performance, 'now').mockImplementation(() => now);
    jest
      .spyOn(performance, 'eventLoopUtilization')
      .mockImplementation(() => ({ idle: idleMs, active: now - idleMs, utilization: 1 - idleMs / now }));
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });
  return {
    idle: (ms) => {
      now += ms;
      idleMs += ms;
    },
    busy: (ms) => {
      now += ms;
    },
  };
}
