import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import process from 'node:process';

/**
 * Builds another commit of this repository in a temporary folder, which is removed when this process exits. The build
 * uses the installed packages of this checkout.
 *
 * @returns the path of the compiled reader of that commit.
 * @throws Error if git does not know the commit, or if it does not compile.
 */
export function buildReader(commit: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-compare-'));
  const tree = join(folder, 'checkout');
  process.on('exit', () => {
    rmSync(folder, { recursive: true, force: true });
    execFileSync('git', ['worktree', 'prune']);
  });
  run('git', ['worktree', 'add', '--quiet', '--detach', tree, commit]);
  symlinkSync(resolve('node_modules'), join(tree, 'node_modules'));
  run('npm', ['run', '--silent', 'build'], tree);
  run(join(tree, 'node_modules/.bin/tsgo'), ['-b', 'tsconfig.bench.json'], tree);
  const reader = join(tree, 'dist/bench/reader.js');
  if (!existsSync(reader)) throw new Error(`Commit ${commit} has no bench/reader.ts, so it cannot be compared.`);
  return reader;
}

/** The output of the command is shown if it fails. */
function run(command: string, args: readonly string[], cwd?: string): void {
  try {
    execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { readonly stdout?: string; readonly stderr?: string };
    throw new Error(`${command} ${args.join(' ')} failed:\n${stdout}${stderr}`, { cause: error });
  }
}
