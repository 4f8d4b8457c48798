import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { describe, expect, it } from '@jest/globals';
import type { Cursor, InputCursor } from '../../src/resume/cursor.js';
import { loadCursor, saveCursor } from '../../src/resume/cursorFile.js';
import { ConfigError } from '../../src/base/errors.js';
import { until } from '../support/fifoWriter.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { compiledUrl } from '../support/compiled.js';

const newFolder = temporaryFolders();
const newPath = (): string => join(newFolder(), 'cursor.json');

const cursorOf = (items: number): Cursor => {
  const marks = [{ bytes: 65_536, crc32: 1 }];
  const train: InputCursor = { facts: { hosts: ['algo-1'] }, unit: 'bytes', position: items, marks };
  return { version: 1, epoch: 3, items, stages: [{ stage: 'shuffle', seed: 7 }], inputs: { train } };
};

/** Saves cursors as fast as possible. */
const SAVE_FOREVER = `
const { saveCursor } = await import(${JSON.stringify(compiledUrl('src/resume/cursorFile.ts'))});
for (let items = 0; ; items++) saveCursor(process.argv[1], { version: 1, epoch: 3, items, inputs: {} });
`;

describe('saveCursor', () => {
  it('replaces the file, leaves no other file, and loadCursor reads it', () => {
    const path = newPath();
    saveCursor(path, cursorOf(1));
    saveCursor(path, cursorOf(2));
    expect(loadCursor(path)).toEqual(cursorOf(2));
    expect(readdirSync(join(path, '..'))).toEqual(['cursor.json']);
  });

  it('leaves a complete cursor if the process is killed at any time', async () => {
    const path = newPath();
    for (let kill = 0; kill < 3; kill++) {
      const args = ['--input-type=module', '--eval', SAVE_FOREVER, path];
      const child = spawn(execPath, args, { stdio: 'ignore' });
      await until(() => child.exitCode !== null || (loadCursor(path)?.items ?? 0) > kill * 10);
      const closed = once(child, 'close');
      expect(child.kill('SIGKILL')).toBe(true);
      await closed;
      expect(loadCursor(path)).toMatchObject({ version: 1, epoch: 3 });
      expect(readFileSync(path, 'utf8')).toMatch(/\}\n$/);
      writeFileSync(path, JSON.stringify({ version: 1, epoch: 3, items: 0, inputs: {} }));
    }
  });

  it('throws for an invalid cursor, and writes nothing', () => {
    const path = newPath();
    expect(() => saveCursor(path, { ...cursorOf(1), items: -1 })).toThrow(ConfigError);
    expect(existsSync(path)).toBe(false);
  });

  it('throws if it cannot write', () => {
    const path = join(newFolder(), 'missing', 'cursor.json');
    expect(() => saveCursor(path, cursorOf(1))).toThrow(`cannot write ${path}`);
  });
});

describe('loadCursor', () => {
  it('returns undefined if the file does not exist', () => {
    expect(loadCursor(newPath())).toBeUndefined();
  });

  it.each([
    ['{"version": 1, "ep', /is not JSON: line 1, column 19: the file may be truncated/],
    ['{"version": 3, "epoch": 0, "items": 0, "inputs": {}}', /version: expected 1 or 2, found 3/],
    ['{"version": 1, "epoch": 0.5, "items": 0, "inputs": {}}', /epoch: .*found 0\.5/],
    ['[]', /expected the result of the method cursor\(\) of resumable\(\)/],
  ])('throws for %s', (text, message) => {
    const path = newPath();
    writeFileSync(path, text);
    expect(() => loadCursor(path)).toThrow(ConfigError);
    expect(() => loadCursor(path)).toThrow(message);
  });
});
