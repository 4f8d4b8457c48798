import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pid, stdout } from 'node:process';
import { describe, expect, it } from '@jest/globals';
import { PREFIX, removeAbandoned } from './jest/abandoned.js';
import { temporaryFolders } from './temporaryFolder.js';

const temporaryFolder = temporaryFolders();

/** Makes a folder of a run whose process has ended, with a file. Returns the path of a folder in it. */
function abandonedIn(parent: string): string {
  const inner = join(parent, `${PREFIX}${spawnSync('true').pid}-a`, 'inner');
  mkdirSync(inner, { recursive: true });
  writeFileSync(join(inner, 'file'), '');
  return inner;
}

describe('removeAbandoned', () => {
  it('removes the folders of ended runs, and no other folder', () => {
    const parent = temporaryFolder();
    abandonedIn(parent);
    const others = ['other', `${PREFIX}${pid}-b`];
    for (const name of others) mkdirSync(join(parent, name));
    removeAbandoned(parent);
    expect(readdirSync(parent).sort()).toEqual(others.sort());
  });

  it('unmounts what an ended run mounted', () => {
    const parent = temporaryFolder();
    const inner = abandonedIn(parent);
    if (spawnSync('mount', ['-t', 'tmpfs', 'tmpfs', inner]).status !== 0) {
      stdout.write('removeAbandoned: mount is refused here, so the test with a mounted folder did not run\n');
      return;
    }
    removeAbandoned(parent);
    expect(readdirSync(parent)).toEqual([]);
    expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(inner);
  });
});
