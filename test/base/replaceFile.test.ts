import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { replaceFile } from '../../src/base/replaceFile.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const newFolder = temporaryFolders();

describe('replaceFile', () => {
  it('writes a new file, and replaces an old one', () => {
    const path = join(newFolder(), 'a');
    for (const contents of ['old', 'new']) {
      replaceFile(path, contents);
      expect(readFileSync(path, 'utf8')).toBe(contents);
    }
    expect(readdirSync(join(path, '..'))).toEqual(['a']);
  });

  it('leaves no file after an error', () => {
    const folder = newFolder();
    mkdirSync(join(folder, 'a', 'b'), { recursive: true });
    expect(() => replaceFile(join(folder, 'a'), 'new')).toThrow(expect.objectContaining({ code: 'EISDIR' }));
    expect(readdirSync(folder)).toEqual(['a']);
  });

  it('throws the first error if the temporary file cannot be removed either', () => {
    const folder = newFolder();
    mkdirSync(join(folder, 'a.new'));
    writeFileSync(join(folder, 'a'), 'old');
    expect(() => replaceFile(join(folder, 'a'), 'new')).toThrow(expect.objectContaining({ syscall: 'open' }));
    expect(readFileSync(join(folder, 'a'), 'utf8')).toBe('old');
  });
});
