import { readFileSync } from 'node:fs';
import { jest } from '@jest/globals';
import { startMillrace } from './millrace.js';
import { runMillrace } from './runMillrace.js';

// Each test starts a process that first compiles the sources.
jest.setTimeout(60_000);

describe('millrace', () => {
  it('prints its help', async () => {
    const { exitCode, stdout, stderr } = await startMillrace(['--help']).ended;
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toMatch(/^Usage: millrace/);
    expect(stdout).toContain('local');
  });

  it('prints the version of the package', async () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    expect(await runMillrace(['--version'])).toEqual({ exitCode: 0, stdout: `${version}\n`, stderr: '' });
  });

  it.each([
    ['no command', [], 'Usage: millrace'],
    ['an unknown command', ['locale'], "millrace: unknown command 'locale'"],
    ['an unknown option', ['local', '--nope', 'job.json', '--', 'true'], "millrace: unknown option '--nope'"],
    [
      'no command to run',
      ['local', 'examples/digits/job.json'],
      'millrace: missing the command. Write it after "--", as in millrace local examples/digits/job.json -- node train.js\n',
    ],
    ['no host', ['local', '--hosts', '0', 'job.json', '--', 'true'], 'Expected a number of hosts from 1 to 100.'],
    ['a bad number', ['local', '--grace-seconds', 'long', 'job.json', '--', 'true'], 'Expected a number of seconds'],
  ])('ends with 2 for %s', async (_, args, message) => {
    const { exitCode, stdout, stderr } = await runMillrace(args);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toContain(message);
  });
});
