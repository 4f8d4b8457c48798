import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { describe, expect, it } from '@jest/globals';
import { namePrefix, removeAbandoned, requireRoom } from '../../bench/temporaryFolder.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const temporaryFolder = temporaryFolders();

describe('removeAbandoned', () => {
  it('removes only the folders of processes that have ended', () => {
    const parent = temporaryFolder();
    const { pid: ended } = spawnSync('true');
    // The process of another container may still run.
    const kept = [`${namePrefix()}${process.pid}-a`, `millrace-bench-1-${ended}-a`, 'millrace-bench-old'];
    for (const name of [...kept, `${namePrefix()}${ended}-a`])
      mkdirSync(join(parent, name, 'tree'), { recursive: true });
    removeAbandoned(parent);
    expect(readdirSync(parent).toSorted()).toEqual(kept.toSorted());
  });

  it('accepts that there is no such folder', () => {
    expect(() => removeAbandoned('/nowhere')).not.toThrow();
  });
});

describe('requireRoom', () => {
  it('throws with the folder and both sizes', () => {
    const folder = temporaryFolder();
    expect(() => requireRoom(folder, 0)).not.toThrow();
    expect(() => requireRoom(folder, 2e18)).toThrow(/^\/.*, but needs 2000000000000 MB: free some space\.$/);
  });
});
