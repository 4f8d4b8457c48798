import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { run } from './processes.js';
import { requireRoom, temporaryFolder } from './temporaryFolder.js';

/** The archive of a commit, its files and the compiled files, with some room. */
const BUILD_BYTES = 100e6;

/**
 * Builds another commit of this repository in a temporary folder, which is removed when this process exits. The build
 * uses the installed packages of this checkout. It changes nothing in `.git`.
 *
 * @returns the path of the compiled reader of that commit.
 * @throws Error if there is no space for the commit, or if it does not compile.
 */
export async function buildReader(commit: string): Promise<string> {
  // A size that no folder in memory has.
  const folder = temporaryFolder(Infinity);
  requireRoom(folder, BUILD_BYTES);
  const tree = join(folder, 'checkout');
  const archive = join(folder, 'checkout.tar');
  mkdirSync(tree);
  try {
    await run('git', ['archive', '--output', archive, commit]);
    await run('tar', ['-xf', archive, '-C', tree]);
    symlinkSync(resolve('node_modules'), join(tree, 'node_modules'));
    await run('npm', ['--prefix', tree, 'run', '--silent', 'build']);
    await run('node_modules/.bin/tsgo', ['-b', join(tree, 'tsconfig.bench.json')]);
  } catch (error) {
    throw new Error(`Commit ${commit} cannot be built: ${(error as Error).message}`, { cause: error });
  }
  const reader = join(tree, 'dist/bench/reader.js');
  if (!existsSync(reader)) throw new Error(`Commit ${commit} has no bench/reader.ts, so it cannot be compared.`);
  return reader;
}

/** @throws Error if git does not know the commit. */
export async function requireCommit(commit: string): Promise<void> {
  try {
    await run('git', ['rev-parse', '--verify', '--quiet', '--end-of-options', `${commit}^{commit}`]);
  } catch (error) {
    // With `--quiet`, git prints nothing about an unknown commit. Other errors have a text.
    if ((error as Error).message !== 'git ended with 1') throw error;
    throw new Error(`git does not know ${commit}.`, { cause: error });
  }
}
