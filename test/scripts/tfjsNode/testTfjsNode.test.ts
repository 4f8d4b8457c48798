import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { env, execPath } from 'node:process';
import { describe, expect, it } from '@jest/globals';
import { temporaryFolders } from '../../support/temporaryFolder.js';

const newFolder = temporaryFolders();
const TSX = createRequire(import.meta.url).resolve('tsx');

/** Runs the script with only these commands on the PATH. Each command is a shell script. */
function testTfjsNode(commands: Readonly<Record<string, string>>, ...args: string[]) {
  const bin = newFolder();
  symlinkSync('/bin/sh', join(bin, 'sh'));
  for (const [name, lines] of Object.entries(commands)) {
    writeFileSync(join(bin, name), `#!/bin/sh\n${lines}\n`, { mode: 0o755 });
  }
  const folder = join(newFolder(), 'built');
  const script = ['--import', TSX, 'scripts/testTfjsNode.ts', '--folder', folder, ...args];
  const { status, stdout, stderr } = spawnSync(execPath, script, { encoding: 'utf8', env: { ...env, PATH: bin } });
  return { status, stdout, stderr, isBuilt: existsSync(folder) };
}

describe('testTfjsNode', () => {
  it('says in one line which command is missing, and fails', () => {
    expect(testTfjsNode({ npm: 'true' })).toEqual({
      status: 1,
      stdout: 'The tests of millrace/tfjs were not run on @tensorflow/tfjs-node: python3 -m pip is missing.\n',
      stderr: '',
      isBuilt: false,
    });
  });

  it('succeeds with that line if it is run where possible only', () => {
    const { status, stdout } = testTfjsNode({}, '--json', '--if-possible');
    expect([status, stdout]).toEqual([0, expect.stringMatching(/: npm is missing\.\n$/)]);
  });

  it('names the step that failed and its reason, and keeps nothing that is half built', () => {
    const npm = 'case $1 in install) echo "npm error network no route" >&2; exit 1;; esac';
    const { status, stdout, isBuilt } = testTfjsNode({ npm, python3: 'true', make: 'true', 'g++': 'true' });
    expect([status, isBuilt]).toEqual([1, false]);
    expect(stdout).toMatch(/: npm install --no-audit --no-fund failed: npm error network no route\.\n$/);
  });
});

describe('resolveFromNodePath', () => {
  it('lets an import find in $NODE_PATH what is found nowhere else', () => {
    const modules = join(newFolder(), 'node_modules');
    mkdirSync(join(modules, 'only-there'), { recursive: true });
    writeFileSync(join(modules, 'only-there/index.js'), 'module.exports = { where: __dirname };');
    const hook = new URL('../../../scripts/tfjsNode/resolveFromNodePath.js', import.meta.url).href;
    const run = (source: string) =>
      spawnSync(execPath, [`--import=${hook}`, '--input-type=module', '--eval', source], {
        encoding: 'utf8',
        env: { ...env, NODE_PATH: modules },
      });
    expect(run('console.log((await import("only-there")).default.where)').stdout).toBe(
      `${join(modules, 'only-there')}\n`,
    );
    expect(run('await import("not-there-either")').stderr).toContain("Cannot find package 'not-there-either'");
  });
});
