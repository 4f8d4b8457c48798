import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { EpochState } from '../../src/sagemaker/epochState.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const newFolder = temporaryFolders();
const STATE = '.train-pipe_mode-state';
const OPENING = '.train-pipe_mode-opening';

function newState(content?: string) {
  const folder = newFolder();
  if (content !== undefined) writeFileSync(join(folder, STATE), content);
  return { folder, state: new EpochState(folder, 'train'), text: () => readFileSync(join(folder, STATE), 'utf8') };
}

const refused = (errno: string, remedy: string) =>
  expect.objectContaining({ code: 'ERR_CHANNEL_STATE', errno, message: expect.stringContaining(remedy) });

describe('EpochState', () => {
  it('begins with epoch 0 if there is no file', () => {
    expect(newState().state.read()).toBe(0);
  });

  it('uses the same file format as Amazon’s reader', () => {
    const { state, text } = newState('41\n');
    expect(state.read()).toBe(41);
    state.take(41);
    expect(text()).toBe('42');
  });

  it.each([
    ['an empty file', '', 'an empty file'],
    ['garbage', 'se\u0000ven\n', '"se\\u0000ven\\n"'],
    ['a negative number', '-1', '"-1"'],
    ['more digits than a number holds', '9'.repeat(16), '"9999999999999999"'],
    ['a long file', 'x'.repeat(10_000), `"${'x'.repeat(40)}"`],
  ])('rejects %s, and names the remedy', (_, content, found) => {
    const { folder, state } = newState(content);
    const message = `${join(folder, STATE)}: expected the number of the next epoch, found ${found}. Write the correct number to this file, or remove the file to begin with epoch 0.`;
    expect(() => state.read()).toThrow(expect.objectContaining({ code: 'ERR_CHANNEL_STATE', message }));
  });

  it('reports an epoch that was taken and not opened, until it is opened or given back', () => {
    const { folder, state, text } = newState();
    state.take(0);
    expect([text(), state.readSkipped(1)]).toEqual(['1', 0]);
    state.opened();
    expect([text(), state.readSkipped(1)]).toEqual(['1', undefined]);
    state.take(1);
    state.giveBack(1);
    expect([text(), state.readSkipped(1)]).toEqual(['1', undefined]);
    expect(readdirSync(folder)).toEqual([STATE]);
  });

  it('does not report a skipped epoch if a process was killed while it wrote', () => {
    const { folder, state } = newState('3');
    // The process was killed between the two writes, so epoch 3 is still next.
    writeFileSync(join(folder, OPENING), '3');
    expect(state.readSkipped(state.read())).toBeUndefined();
    // The process was killed during a write, before the rename.
    writeFileSync(join(folder, `${STATE}.new`), '');
    writeFileSync(join(folder, `${OPENING}.new`), '');
    expect(state.read()).toBe(3);
    state.take(3);
    expect(state.readSkipped(state.read())).toBe(3);
    // A file with other content contains no epoch.
    writeFileSync(join(folder, OPENING), 'garbage');
    expect(state.readSkipped(state.read())).toBeUndefined();
  });

  it.each([
    ['the state', STATE],
    ['the epoch being opened', OPENING],
  ])('keeps the old state if the disk is full while it writes %s', (_, name) => {
    const { folder, state, text } = newState('7');
    // Every write to /dev/full fails with ENOSPC.
    symlinkSync('/dev/full', join(folder, `${name}.new`));
    expect(() => state.take(7)).toThrow(refused('ENOSPC', 'Free some space on the disk of this file'));
    expect([text(), state.readSkipped(state.read())]).toEqual(['7', undefined]);
  });

  it('keeps the old state on a full file system, and continues when there is space', () => {
    const { folder, state, text } = newState();
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=12k', 'none', folder], { stdio: 'ignore' });
    } catch {
      process.stdout.write('EpochState: mount is refused here, so the test on a full tmpfs did not run\n');
      return;
    }
    try {
      state.take(0);
      state.opened();
      writeFileSync(join(folder, 'ballast'), Buffer.alloc(8192));
      expect(() => state.take(1)).toThrow(refused('ENOSPC', 'Free some space on the disk of this file'));
      expect([text(), state.readSkipped(state.read())]).toEqual(['1', undefined]);
      rmSync(join(folder, 'ballast'));
      state.take(1);
      expect(text()).toBe('2');
    } finally {
      execFileSync('umount', [folder]);
    }
  });

  it('names the remedy if it lacks permission to write or read', () => {
    const { folder, state, text } = newState('7');
    const locked = newState('7');
    chmodSync(join(locked.folder, STATE), 0o000);
    asNobody([folder, locked.folder], 0o555, () => {
      expect(() => state.take(7)).toThrow(refused('EACCES', 'set stateDir to a writable folder'));
      expect(() => locked.state.read()).toThrow(refused('EACCES', 'Make the file and its folder readable'));
    });
    expect(text()).toBe('7');
  });

  it('names a folder that has the path of its file', () => {
    const { folder, state } = newState();
    mkdirSync(join(folder, `${STATE}.new`));
    expect(() => state.take(0)).toThrow(refused('EISDIR', 'set stateDir'));
  });
});

/** Runs `work` as a user other than root, with this mode for the folders. */
function asNobody(folders: readonly string[], mode: number, work: () => void): void {
  for (const folder of folders) chmodSync(folder, mode);
  const isRoot = process.getuid?.() === 0;
  if (isRoot) process.seteuid?.(65_534);
  try {
    work();
  } finally {
    if (isRoot) process.seteuid?.(0);
    for (const folder of folders) chmodSync(folder, 0o755);
  }
}
