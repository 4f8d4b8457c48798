import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { stderr } from 'node:process';
import { afterAll, describe, expect, it } from '@jest/globals';
import { encodeTFRecord } from '../../src/formats/tfrecord/encodeTFRecord.js';
import { writeRecords } from '../../src/sinks/writeRecords.js';
import { fromIterable } from '../../src/sources/fromIterable.js';
import { temporaryFolder } from '../agent/temporaryJob.js';
import { descriptorsBelow } from '../support/openHandles.js';
import { contentOf } from './support/numbered.js';

const KIBIBYTE = 1024;
const folder = temporaryFolder();
const isMounted = mountSmall(folder);

/** Mounts a file system of 256 KiB. If this user may not, says so in one line. */
function mountSmall(path: string): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', path], { stdio: 'pipe' });
    return true;
  } catch (error) {
    stderr.write(
      `test/sinks/diskFull.test.ts did not run: ${(error as Error).message.split('\n').slice(0, 2).join(' ')}\n`,
    );
    return false;
  }
}

afterAll(() => {
  if (isMounted) execFileSync('umount', [folder]);
});

(isMounted ? describe : describe.skip)('writeRecords on a disk that becomes full', () => {
  it('keeps the whole files, removes the unfinished one, and goes on when there is space', async () => {
    const records = Array.from({ length: 30 }, (_, index) => Buffer.alloc(10 * KIBIBYTE, index));
    const pattern = join(folder, 'part-{shard}.tfrecord');
    const write = () =>
      writeRecords(fromIterable(records), pattern, { recordFormat: 'TFRecord', recordsPerFile: 6, resume: true });
    const error = await write().catch((failure: unknown) => failure);
    expect(error).toMatchObject({ name: 'ChannelError', code: 'ERR_CHANNEL_IO', errno: 'ENOSPC' });
    expect((error as Error).message).toMatch(
      /^Cannot write the file .*part-0000\d\.tfrecord: ENOSPC: .* The disk is full: delete files, or use a different disk\.$/,
    );
    const files = readdirSync(folder).filter((name) => name !== 'part.tfrecord.manifest.json');
    expect(files).toEqual(['part-00000.tfrecord', 'part-00001.tfrecord', 'part-00002.tfrecord']);
    expect(descriptorsBelow(folder)).toEqual([]);

    execFileSync('mount', ['-o', 'remount,size=1m', folder]);
    const manifest = await write();
    expect(manifest).toMatchObject({ isComplete: true, records: 30 });
    const content = Object.entries(contentOf(folder)).flatMap(([name, text]) =>
      name.startsWith('part-') ? [text] : [],
    );
    expect(content.join('')).toBe(Buffer.concat(records.map(encodeTFRecord)).toString('latin1'));
  });
});
