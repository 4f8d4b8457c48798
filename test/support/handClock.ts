import { performance } from 'node:perf_hooks';
import { afterEach, beforeEach, jest } from '@jest/globals';

/** A clock that the test advances. */
export interface HandClock {
  /** Advances the clock while the thread is idle. */
  readonly idle: (ms: number) => void;
  /** Advances the clock while the thread is busy. */
  readonly busy: (ms: number) => void;
}

/** Replaces the process's clock for each test of a `describe`. */
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
