import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { SilenceTimer } from '../../../src/sources/fifo/silenceTimer.js';

describe('SilenceTimer', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('reports silence after the limit, when the event loop has polled once more', () => {
    const onSilence = jest.fn();
    new SilenceTimer(60_000, onSilence).listen();
    jest.advanceTimersByTime(59_999);
    expect(onSilence).not.toHaveBeenCalled();
    jest.advanceTimersByTime(1);
    jest.advanceTimersToNextTimer();
    expect(onSilence).toHaveBeenCalledTimes(1);
  });

  it('restarts with each listen(), even after the timer has fired', () => {
    const onSilence = jest.fn();
    const timer = new SilenceTimer(1000, onSilence);
    timer.listen();
    jest.advanceTimersByTime(999);
    timer.listen();
    jest.advanceTimersByTime(999);
    expect(onSilence).not.toHaveBeenCalled();
  });

  it('reports nothing while it is paused, and continues afterwards', () => {
    const onSilence = jest.fn();
    const timer = new SilenceTimer(1000, onSilence);
    timer.listen();
    timer.pause();
    jest.advanceTimersByTime(5000);
    expect(onSilence).not.toHaveBeenCalled();
    timer.listen();
    jest.advanceTimersByTime(1001);
    expect(onSilence).toHaveBeenCalledTimes(1);
  });

  it('reports nothing if data arrives between the timer and the poll', () => {
    const onSilence = jest.fn();
    const timer = new SilenceTimer(1000, onSilence);
    timer.listen();
    jest.advanceTimersByTime(1000);
    timer.listen();
    jest.advanceTimersByTime(999);
    expect(onSilence).not.toHaveBeenCalled();
  });

  it('reports nothing while the consumer does not wait, and restarts when it waits again', () => {
    const onSilence = jest.fn();
    let wait: number | undefined = 1;
    new SilenceTimer(1000, onSilence, () => wait).listen();
    wait = undefined;
    jest.advanceTimersByTime(5500);
    wait = 2;
    jest.advanceTimersByTime(999);
    expect(onSilence).not.toHaveBeenCalled();
    jest.advanceTimersByTime(1100);
    expect(onSilence).toHaveBeenCalledTimes(1);
  });

  it('does not add two waits of the consumer', () => {
    const onSilence = jest.fn();
    let wait = 1;
    const timer = new SilenceTimer(1000, onSilence, () => wait);
    timer.listen();
    jest.advanceTimersByTime(900);
    wait = 2;
    jest.advanceTimersByTime(1000);
    expect(onSilence).not.toHaveBeenCalled();
  });

  it('reports nothing after stop(), and leaves no timer', () => {
    const onSilence = jest.fn();
    const timer = new SilenceTimer(1000, onSilence);
    timer.listen();
    timer.stop();
    expect(jest.getTimerCount()).toBe(0);
    jest.advanceTimersByTime(5000);
    expect(onSilence).not.toHaveBeenCalled();
  });
});
