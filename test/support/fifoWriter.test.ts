import { lstatSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { makeFifo } from './fifoWriter.js';
import { temporaryFolders } from './temporaryFolder.js';

const temporaryFolder = temporaryFolders();

describe('makeFifo', () => {
  it('makes a FIFO', () => {
    expect(lstatSync(makeFifo(join(temporaryFolder(), 'fifo'))).isFIFO()).toBe(true);
  });

  it('refuses to replace a file', () => {
    const path = join(temporaryFolder(), 'file');
    writeFileSync(path, 'text');
    expect(() => makeFifo(path)).toThrow(/mkfifo: .*\/file.*: File exists/);
    expect(readFileSync(path, 'utf8')).toBe('text');
  });

  it('names the path if its folder does not exist', () => {
    expect(() => makeFifo('/nowhere/fifo')).toThrow(/mkfifo: .*\/nowhere\/fifo.*: No such file or directory/);
  });

  it('makes a FIFO on another file system', () => {
    const folder = mkdtempSync('/dev/shm/millrace-test-');
    try {
      expect(lstatSync(makeFifo(join(folder, 'fifo'))).isFIFO()).toBe(true);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
