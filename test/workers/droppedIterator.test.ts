import { execFile } from 'node:child_process';
import { execPath } from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it, jest } from '@jest/globals';

jest.setTimeout(120_000);

const PROGRAM = fileURLToPath(new URL('droppedIterator.program.ts', import.meta.url));

describe('a process that has dropped an iterator without return()', () => {
  it.each(['inWorker', 'mapInWorkers', 'fromIterable'])('ends by itself: %s', async (source) => {
    // A process that does not end is killed, which rejects.
    const options = { timeout: 100_000 };
    const { stdout } = await promisify(execFile)(execPath, ['--import', 'tsx', PROGRAM, source], options);
    expect(stdout).toBe('number\n');
  });
});
