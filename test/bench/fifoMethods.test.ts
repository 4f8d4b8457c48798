import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { FIFO_METHODS } from '../../bench/fifoMethods.js';
import { JOBS } from '../../bench/jobs.js';
import { fromFile } from '../../src/sources/fromFile.js';
import { makeFifo } from '../support/fifoWriter.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const temporaryFolder = temporaryFolders();

describe('FIFO_METHODS', () => {
  it.each(Object.keys(FIFO_METHODS))('%s reads all bytes', async (name) => {
    const folder = temporaryFolder();
    const data = join(folder, 'data');
    writeFileSync(data, new Uint8Array(1_000_000));
    const path = makeFifo(join(folder, 'fifo'));
    const writer = spawn('dd', [`if=${data}`, `of=${path}`], { stdio: 'ignore' });
    try {
      expect(await JOBS.get(name)?.({ path, bytes$: fromFile(data) })).toBe(1_000_000 / 65_536);
    } finally {
      writer.kill();
    }
  });
});
