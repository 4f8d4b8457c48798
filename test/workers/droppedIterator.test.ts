import { execFile } from 'node:child_process';
import { execPath } from 'node:process';
import { promisify } from 'node:util';
import { describe, expect, it, jest } from '@jest/globals';
import { compiled } from '../support/compiled.js';

jest.setTimeout(120_000);

describe('a process that dropped an iterator without return()', () => {
  it.each(['inWorker', 'mapInWorkers', 'fromIterable'])('ends by itself: %s', async (source) => {
    // A process that does not end is killed, and the promise rejects.
    const options = { timeout: 100_000 };
    const { stdout } = await promisify(execFile)(
      execPath,
      [compiled('test/workers/droppedIterator.program.ts'), source],
      options,
    );
    expect(stdout).toBe('number\n');
  });
});
