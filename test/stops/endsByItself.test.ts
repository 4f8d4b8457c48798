import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { execPath } from 'node:process';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { CASES } from './endsByItself.js';
import { compiled } from '../support/compiled.js';

jest.setTimeout(300_000);

let child: ChildProcess | undefined;
afterEach(() => {
  child?.kill('SIGKILL');
});

describe('a process whose pipeline was stopped', () => {
  it.each(CASES)('ends by itself: %s', async (name) => {
    const running = spawn(execPath, ['--no-warnings', compiled('test/stops/endsByItself.ts'), name], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child = running;
    const ended = once(running, 'exit');
    const [stdout, stderr] = await Promise.all([text(running.stdout), text(running.stderr)]);
    expect([...(await ended), stdout, stderr]).toEqual([0, null, 'stopped\n', '']);
  });
});
