import process from 'node:process';
import { catchStopSignals } from '../../../src/agent/commands/catchStopSignals.js';

const NAMES = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const listeners = () => NAMES.map((name) => process.listenerCount(name));

describe('catchStopSignals', () => {
  it('keeps what comes early until there is somebody to tell', () => {
    const signals = catchStopSignals();
    try {
      process.emit('SIGTERM', 'SIGTERM');
      const told: string[] = [];
      signals.deliverTo((signal) => told.push(signal));
      expect(told).toEqual(['SIGTERM']);
      process.emit('SIGINT', 'SIGINT');
      signals.request('SIGTERM');
      expect(told).toEqual(['SIGTERM', 'SIGINT', 'SIGTERM']);
    } finally {
      signals.release();
    }
  });

  it('takes the same signal from the terminal and from npm for one', () => {
    const signals = catchStopSignals();
    try {
      const told: string[] = [];
      signals.deliverTo((signal) => told.push(signal));
      process.emit('SIGINT', 'SIGINT');
      process.emit('SIGINT', 'SIGINT');
      expect(told).toEqual(['SIGINT']);
    } finally {
      signals.release();
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
