import { execFileSync } from 'node:child_process';
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execPath, stderr } from 'node:process';
import { afterAll, describe, expect, it } from '@jest/globals';
import { channelOf, temporaryFolder } from '../agent/temporaryJob.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { startMillrace } from './millrace.js';

const newFolder = temporaryFolders();
const tmp = temporaryFolder();
const isMounted = mountFull(tmp);

/** Mounts a file system without free space. If this user may not, says so in one line. */
function mountFull(path: string): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4k', 'tmpfs', path], { stdio: 'pipe' });
    writeFileSync(join(path, 'full'), new Uint8Array(4096));
    return true;
  } catch (error) {
    stderr.write(`test/cli/localFullDisk.test.ts did not run: ${(error as Error).message.split('\n')[0]}\n`);
    return false;
  }
}

afterAll(() => {
  if (isMounted) execFileSync('umount', [tmp]);
  rmSync(tmp, { recursive: true });
});

(isMounted ? describe : describe.skip)('millrace local with a full TMPDIR', () => {
  it('names the folder and the remedy, and leaves no files', async () => {
    const folder = newFolder();
    writeFileSync(join(folder, 'data'), 'data');
    const job = join(folder, 'job.json');
    writeFileSync(job, JSON.stringify({ InputDataConfig: [channelOf('train', join(folder, 'data'))] }));
    const { ended } = startMillrace(['local', job, '--', execPath, '-e', ''], { TMPDIR: tmp });
    const { exitCode, stderr: said } = await ended;
    expect(said).toMatch(
      /^millrace: Cannot write the folder of the job, \/.*: the disk is full \(ENOSPC\)\. Delete files, or set TMPDIR/,
    );
    expect(exitCode).toBe(1);
    expect(readdirSync(tmp)).toEqual(['full']);
  });
});
