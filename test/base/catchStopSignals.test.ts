import process from 'node:process';
import { jest } from '@jest/globals';
import { catchStopSignals } from '../../src/base/catchStopSignals.js';

const NAMES = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const listeners = () => NAMES.map((name) => process.listenerCount(name));

describe('catchStopSignals', () => {
  it('keeps early signals until there is a receiver', () => {
    const signals = catchStopSignals();
    try {
      process.emit('SIGTERM', 'SIGTERM');
      const received: string[] = [];
      signals.deliverTo((signal) => received.push(signal));
      expect(received).toEqual(['SIGTERM']);
      process.emit('SIGINT', 'SIGINT');
      signals.request('SIGTERM');
      expect(received).toEqual(['SIGTERM', 'SIGINT', 'SIGTERM']);
    } finally {
      signals.release();
    }
  });

  it('counts the same signal from the terminal and from npm once', () => {
    const signals = catchStopSignals();
    try {
      const received: string[] = [];
      signals.deliverTo((signal) => received.push(signal));
      process.emit('SIGINT', 'SIGINT');
      process.emit('SIGINT', 'SIGINT');
      expect(received).toEqual(['SIGINT']);
    } finally {
      signals.release();
    }
  });

  it('ends the process at a second signal after stopOnce', () => {
    const kill = jest.spyOn(process, 'kill').mockReturnValue(true);
    const before = listeners();
    const signals = catchStopSignals();
    try {
      const received: string[] = [];
      signals.stopOnce((signal) => received.push(signal));
      process.emit('SIGINT', 'SIGINT');
      process.emit('SIGTERM', 'SIGTERM');
      expect(received).toEqual(['SIGINT']);
      expect(kill.mock.calls).toEqual([[process.pid, 'SIGTERM']]);
      expect(listeners()).toEqual(before);
    } finally {
      signals.release();
      kill.mockRestore();
    }
  });

  it('leaves no listener behind', () => {
    const before = listeners();
    const signals = catchStopSignals();
    expect(listeners()).toEqual(before.map((count) => count + 1));
    signals.release();
    expect(listeners()).toEqual(before);
  });
});
