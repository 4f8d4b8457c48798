import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { MergedRuns } from '../../../src/workers/host/mergedRuns.js';
import type { RunListener } from '../../../src/workers/host/pipelineThread.js';
import { pullSource } from '../../../src/demand/pullSource.js';
import { collectWarnings } from '../../support/collectWarnings.js';

const MINUTE_MS = 60_000;

/** Merges runs of two threads whose items the test sends. Returns their listeners. */
function merge(ordered: boolean) {
  const listeners: RunListener[] = [];
  const run = { taken: () => undefined, wait: () => undefined, unsubscribe: () => undefined };
  const start = (listener: RunListener) => {
    listeners.push(listener);
    return run;
  };
  const subscription = pullSource<unknown>(
    (outlet) =>
      new MergedRuns(outlet, {
        starts: [start, start],
        ordered,
        first: 0,
        name: 'inWorker(a.js)',
        threads: () => [],
        onPosition: undefined,
      }),
    'inWorker(a.js)',
  ).subscribe();
  return { subscription, send: (thread: number) => listeners[thread]?.next('item', 1) };
}

describe('a worker that sends nothing', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  it('is named in a warning after a minute, once, if the items of another worker wait for it', async () => {
    const warnings = await collectWarnings(() => {
      const { subscription, send } = merge(true);
      send(0);
      send(0);
      jest.advanceTimersByTime(3 * MINUTE_MS);
      subscription.unsubscribe();
    });
    expect(warnings).toEqual([
      {
        code: 'MILLRACE_SILENT_WORKER',
        message: expect.stringMatching(
          /^inWorker\(a\.js\): worker 1 has sent no item for 60 seconds, .*ordered: false/,
        ),
      },
    ]);
  });

  it.each([
    ['items are merged as they come', false, [0, 0]],
    ['no other worker has an item', true, [0]],
  ])('causes no warning if %s', async (_name, ordered, threads) => {
    const warnings = await collectWarnings(() => {
      const { subscription, send } = merge(ordered);
      for (const thread of threads) send(thread);
      jest.advanceTimersByTime(3 * MINUTE_MS);
      subscription.unsubscribe();
    });
    expect(warnings).toEqual([]);
  });

  it('leaves no timer after the unsubscription', () => {
    const { subscription, send } = merge(true);
    send(0);
    send(0);
    subscription.unsubscribe();
    expect(jest.getTimerCount()).toBe(0);
  });
});
