import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Downloads } from '../../../src/agent/tree/downloads.js';
import { layOutFiles } from '../../../src/agent/tree/layOutFiles.js';
import { temporaryFolders } from '../temporaryJob.js';

const folder = temporaryFolders();

const SHM = '/dev/shm';
const hasOtherFileSystem = existsSync(SHM) && statSync(SHM).dev !== statSync(tmpdir()).dev;

/** Files need no downloads. */
const local = (signal?: AbortSignal) => ({
  downloads: new Downloads([], { signal, onDownload: undefined }),
  signal,
});

const objectAt = (path: string, key: string) => ({ key, path, byteLength: statSync(path).size });

describe('layOutFiles', () => {
  it('makes the folder if there are no files', async () => {
    const target = join(folder(), 'train');
    await layOutFiles(target, [], local());
    expect(statSync(target).isDirectory()).toBe(true);
  });

  it('links files', async () => {
    const path = join(folder({ a: 'text' }), 'a');
    const target = join(folder(), 'train');
    await layOutFiles(target, [[objectAt(path, 'sub/sub/a')]], local());
    expect(statSync(join(target, 'sub/sub/a')).ino).toBe(statSync(path).ino);
  });

  (hasOtherFileSystem ? it : it.skip)('copies files from another file system', async () => {
    const other = mkdtempSync(join(SHM, 'millrace-test-'));
    try {
      const path = join(folder({ a: 'text' }), 'a');
      await layOutFiles(join(other, 'train'), [[objectAt(path, 'a')]], local());
      expect(readFileSync(join(other, 'train/a'), 'utf8')).toBe('text');
    } finally {
      rmSync(other, { recursive: true });
    }
  });

  (hasOtherFileSystem ? it : it.skip)(
    'fails where a FIFO on another file system has taken the place of a file',
    async () => {
      const other = mkdtempSync(join(SHM, 'millrace-test-'));
      try {
        const path = join(folder({ a: 'text' }), 'a');
        const object = objectAt(path, 'a');
        rmSync(path);
        execFileSync('mkfifo', [path]);
        await expect(layOutFiles(join(other, 'train'), [[object]], local())).rejects.toThrow(
          `${path} is not a regular file`,
        );
      } finally {
        rmSync(other, { recursive: true });
      }
    },
  );

  it('makes no file after an abort', async () => {
    const path = join(folder({ a: 'text' }), 'a');
    const target = join(folder(), 'train');
    const stop = AbortSignal.abort('enough');
    await expect(layOutFiles(target, [[objectAt(path, 'a')]], local(stop))).rejects.toBe('enough');
    expect(readdirSync(target)).toEqual([]);
  });

  it('fails if a file does not exist', async () => {
    const path = join(folder({ a: 'text' }), 'a');
    const object = objectAt(path, 'a');
    rmSync(path);
    await expect(layOutFiles(join(folder(), 'train'), [[object]], local())).rejects.toThrow('ENOENT');
  });
});
