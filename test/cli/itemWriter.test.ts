import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { openItemWriter } from '../../src/cli/itemWriter.js';
import { makeFifos } from '../../src/agent/pipes/makeFifos.js';
import { cat } from '../agent/temporaryJob.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const newFolder = temporaryFolders();

/** Returns the path of a file with the result of an earlier run. */
function earlierResult(): string {
  const path = join(newFolder(), 'out.jsonl');
  writeFileSync(path, '"a long line of an earlier run"\n');
  return path;
}

describe('openItemWriter', () => {
  it('keeps the content of a file if no item comes before a failure', async () => {
    const path = earlierResult();
    await (await openItemWriter(path)).end('failed');
    expect(readFileSync(path, 'utf8')).toBe('"a long line of an earlier run"\n');
  });

  it('replaces the content at the first item, also before a failure', async () => {
    const path = earlierResult();
    const writer = await openItemWriter(path);
    await writer.write(1);
    await writer.write(2);
    await writer.end('failed');
    expect(readFileSync(path, 'utf8')).toBe('1\n2\n');
  });

  it('empties the file at the end of a run without items', async () => {
    const path = earlierResult();
    await (await openItemWriter(path)).end('completed');
    expect(readFileSync(path, 'utf8')).toBe('');
  });

  it('writes to a FIFO', async () => {
    const path = join(newFolder(), 'fifo');
    await makeFifos([path]);
    const read = cat(path);
    const writer = await openItemWriter(path);
    await writer.write(1);
    await writer.end('completed');
    expect(String(await read)).toBe('1\n');
  });

  it('reports a full device', async () => {
    const writer = await openItemWriter('/dev/full');
    const written = writer.write(1).then(() => writer.end('completed'));
    await expect(written).rejects.toMatchObject({
      code: 'ERR_OUTPUT',
      message: '--to /dev/full: cannot write: the disk is full',
    });
  });

  it('names a missing folder', async () => {
    await expect(openItemWriter(join(newFolder(), 'none/out'))).rejects.toThrow(/the folder .*none does not exist/);
  });
});
