import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { styleText } from 'node:util';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { startMillrace } from './millrace.js';
import { runMillrace } from './runMillrace.js';

const newFolder = temporaryFolders();

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

  it('shows what to do first if it has no arguments', async () => {
    const { exitCode, stdout, stderr } = await runMillrace([]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toMatch(/ millrace init .* millrace inspect .* millrace local .* millrace run .* millrace doctor /s);
    expect(existsSync(/^Documentation: (.*)$/m.exec(stdout)?.[1] ?? '')).toBe(true);
  });

  it('writes errors as lines of JSON with --json', async () => {
    const missing = await runMillrace(['inspect', '--json', 'no/such/file']);
    expect(missing).toMatchObject({ exitCode: 1, stdout: '' });
    expect(JSON.parse(missing.stderr)).toMatchObject({
      code: 'ERR_CHANNEL_IO',
      message: expect.stringMatching(/^Cannot read the file no\/such\/file: ENOENT/),
      path: 'no/such/file',
      errno: 'ENOENT',
    });
    const unknown = await runMillrace(['inspect', '--json', '--nope']);
    expect({ ...unknown, stderr: JSON.parse(unknown.stderr) as unknown }).toEqual({
      exitCode: 2,
      stdout: '',
      stderr: { code: 'ERR_CONFIG', message: "unknown option '--nope'", path: '', causes: [] },
    });
  });

  it('writes one line of JSON for each input that cannot be read', async () => {
    const { exitCode, stderr } = await runMillrace(['inspect', '--json', 'no/a', 'package.json', 'no/b']);
    const paths = stderr.split('\n').map((line) => (line === '' ? '' : (JSON.parse(line) as { path: string }).path));
    expect({ exitCode, paths }).toEqual({ exitCode: 1, paths: ['no/a', 'no/b', ''] });
  });

  it.each([[true], [false]])('writes warnings like errors, also of other packages (with --json: %s)', async (json) => {
    const [preload, folder] = [join(newFolder(), 'preload.cjs'), newFolder()];
    writeFileSync(preload, "process.emitWarning('of another package', { code: 'OTHER' });");
    writeFileSync(join(folder, 'a.txt'), 'a\n');
    writeFileSync(join(folder, '_SUCCESS'), '');
    const args = ['inspect', folder, ...(json ? ['--json'] : [])];
    const { exitCode, stderr } = await startMillrace(args, { NODE_OPTIONS: `--require ${preload}` }).ended;
    const lines = stderr.split('\n').filter((line) => line.includes('MILLRACE_LEFT_OUT'));
    expect({ exitCode, lines }).toEqual({ exitCode: 0, lines: [expect.any(String)] });
    if (json)
      expect(JSON.parse(lines[0]!)).toEqual({
        code: 'MILLRACE_LEFT_OUT',
        message: expect.stringContaining('_SUCCESS'),
      });
    else expect(lines[0]).toMatch(/^millrace: MILLRACE_LEFT_OUT: .*_SUCCESS/);
    expect(stderr).toMatch(/^\(node:\d+\) \[OTHER\] Warning: of another package$/m);
  });

  it('has --json and --quiet in all commands', async () => {
    const commands = (await runMillrace(['--help'])).stdout.matchAll(/^ {2}(\w+) .*(?:\[options\]|<)/gm);
    const names = Array.from(commands, ([, name = '']) => name).filter((name) => name !== 'help');
    expect(names).toHaveLength(8);
    for (const name of names) {
      const { stdout } = await runMillrace([name, '--help']);
      expect({ name, options: stdout.match(/^ {2}--(json|quiet) /gm) }).toEqual({
        name,
        options: ['  --json ', '  --quiet '],
      });
    }
  });

  it('leaves a --json after -- to the command that trains', async () => {
    const { stderr } = await runMillrace(['local', 'no/job.json', '--', 'node', '--json']);
    expect(stderr).toMatch(/^millrace: /);
  });

  it('has colours if FORCE_COLOR is set', async () => {
    // Node.js reads the variable from the process itself.
    const { stderr } = await startMillrace(['inspect', 'no/file'], { FORCE_COLOR: '1' }).ended;
    expect(stderr).toContain(`${styleText('red', 'millrace:', { validateStream: false })} Cannot read`);
  });

  it.each([
    ['an option without a command', ['--verbose'], 'Usage: millrace'],
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
