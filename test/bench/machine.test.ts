import { describe, expect, it } from '@jest/globals';
import { cpusOf, prepareMachine } from '../../bench/machine.js';

describe('prepareMachine', () => {
  it('names a tool that is missing, and what to install', () => {
    expect(() => prepareMachine({ PATH: '/nowhere' })).toThrow(
      'The benchmarks need dd, which is not in the PATH: install coreutils.',
    );
  });
});

describe('cpusOf', () => {
  it('reads ranges and single CPUs', () => {
    expect(cpusOf('0-2,5')).toEqual(['0', '1', '2', '5']);
  });

  it('finds none in an empty list', () => {
    expect(cpusOf('')).toEqual([]);
  });
});
