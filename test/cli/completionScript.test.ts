import { execFileSync } from 'node:child_process';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { runMillrace } from './runMillrace.js';

/** The words of each command line. The last word is completed. */
const LINES = {
  commands: ['i'],
  options: ['inspect', '--l'],
  'options of the program after a command': ['run', 'a.json', '--verb'],
  'options after a file': ['inspect', 'a.csv', '--j'],
  'options of the program': ['--verb'],
  shells: ['completion', ''],
  'commands of help': ['help', 'ru'],
  files: ['inspect', ''],
  'the command that trains': ['local', 'job.json', '--', 'node', '--h'],
} as const;

/** Calls the function in bash as the shell does, for all command lines in one process. */
function completionsOf(script: string): string[][] {
  const calls = Object.values(LINES).map((words) => {
    const all = ['millrace', ...words].map((word) => `'${word}'`).join(' ');
    return `COMP_WORDS=(${all}) COMP_CWORD=${words.length}; _millrace; echo "\${COMPREPLY[*]}"`;
  });
  const text = execFileSync('bash', ['--norc', '-u', '-c', [script, ...calls, 'complete -p millrace'].join('\n')]);
  return String(text)
    .trimEnd()
    .split('\n')
    .map((line) => line.split(' ').filter((word) => word !== ''));
}

describe('completionScript', () => {
  let completions: string[][];
  beforeAll(async () => {
    completions = completionsOf((await runMillrace(['completion', 'bash'])).stdout);
  });
  const completed = (name: keyof typeof LINES) => completions[Object.keys(LINES).indexOf(name)];

  it('completes commands and options in bash', () => {
    expect(completed('commands')).toEqual(['init', 'index', 'inspect']);
    expect(completed('options')).toEqual(['--limit', '--label']);
    expect(completed('options of the program after a command')).toEqual(['--verbose']);
    expect(completed('options after a file')).toEqual(['--json']);
    expect(completed('options of the program')).toEqual(['--verbose']);
    expect(completed('shells')).toEqual(['bash', 'zsh', 'fish']);
    expect(completed('commands of help')).toEqual(['run']);
  });

  it('leaves files, and the command that trains, to the completion of files', () => {
    expect(completed('files')).toEqual([]);
    expect(completed('the command that trains')).toEqual([]);
    expect(completions.at(-1)).toEqual(['complete', '-o', 'default', '-F', '_millrace', 'millrace']);
  });

  it('describes commands and options by their first sentence in zsh and fish', async () => {
    const { stdout: zsh } = await runMillrace(['completion', 'zsh']);
    expect(zsh).toContain(`'doctor:check this machine'`);
    expect(zsh).toContain(`'--toolkit-env:set the SM_ variables of Amazon'\\''s Python training toolkit, `);
    const { stdout: fish } = await runMillrace(['completion', 'fish']);
    expect(fish).toContain(`complete -c millrace -n __fish_use_subcommand -f -a 'doctor' -d 'check this machine'\n`);
    expect(fish).toContain(
      `complete -c millrace -n '__fish_seen_subcommand_from inspect' -l head -r -d 'the number of records to show of each format'\n`,
    );
    expect(fish).toContain(String.raw`-l toolkit-env -d 'set the SM_ variables of Amazon\'s Python training toolkit, `);
  });

  it('is known for three shells', async () => {
    const { exitCode, stderr } = await runMillrace(['completion', 'tcsh']);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('Allowed choices are bash, zsh, fish.');
  });
});
