import { closeSync, openSync } from 'node:fs';
import process from 'node:process';
import { differences, holdings, type Holdings } from './leftovers.js';

/** Returns the differences while something is held. */
function whileHeld(hold: () => () => void): string[] {
  const before = holdings(() => 0);
  const release = hold();
  try {
    return differences(
      before,
      holdings(() => 0),
    );
  } finally {
    release();
  }
}

describe('differences', () => {
  it('are none where nothing has come and nothing has gone', () => {
    expect(whileHeld(() => () => undefined)).toEqual([]);
  });

  it('name a descriptor by what it leads to', () => {
    const path = process.execPath;
    const hold = () => {
      const fd = openSync(path, 'r');
      return () => closeSync(fd);
    };
    expect(whileHeld(hold)).toEqual([`descriptors: ${path} is left`]);
  });

  it('name a timer', () => {
    const hold = () => {
      const timer = setTimeout(() => undefined, 1_000_000);
      return () => clearTimeout(timer);
    };
    expect(whileHeld(hold)).toEqual(['resources: Timeout is left']);
  });

  it('name a listener of the process, a second one too', () => {
    const hold = () => {
      const listeners = [() => undefined, () => undefined];
      for (const listener of listeners) process.on('SIGUSR2', listener);
      return () => {
        for (const listener of listeners) process.off('SIGUSR2', listener);
      };
    };
    const found = whileHeld(hold);
    expect(found.filter((what) => what.startsWith('listeners'))).toEqual(Array(2).fill('listeners: SIGUSR2 is left'));
  });

  it('name a thread, and tensors, and what is gone', () => {
    const before: Holdings = {
      descriptors: ['a'],
      resources: ['b', 'b'],
      threads: ['node'],
      listeners: [],
      tensors: 1,
    };
    const after: Holdings = { descriptors: [], resources: ['b'], threads: ['node', 'node'], listeners: [], tensors: 3 };
    expect(differences(before, after)).toEqual([
      'descriptors: a is gone',
      'resources: b is gone',
      'threads: node is left',
      'tensors: 3 instead of 1',
    ]);
  });
});
