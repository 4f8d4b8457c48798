import { readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { DataFile } from '../../bench/dataFile.js';
import { cpusOf } from '../../bench/machine.js';
import { readThroughFifo, readWithDd } from '../../bench/pipes.js';
import type { BenchContext } from '../../bench/section.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const temporaryFolder = temporaryFolders();

/** Both CPUs of this context are the same CPU, because a test may run on a machine with one CPU. */
function context(): BenchContext {
  const allowed = /^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '';
  const [cpu = '0'] = cpusOf(allowed);
  return {
    cpus: { reader: cpu, writer: cpu },
    folder: temporaryFolder(),
    pairs: 1,
    byteLength: 0,
    warmUpByteLength: 0,
    progress: () => undefined,
  };
}

function dataFile(byteLength: number): DataFile {
  const path = join(temporaryFolder(), 'data');
  writeFileSync(path, new Uint8Array(byteLength));
  return { path, byteLength, records: 1 };
}

/** Returns the command lines of processes that contain a path. */
function commandsNaming(path: string): string[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .flatMap((pid) => {
      try {
        readlinkSync(`/proc/${pid}/exe`); // Fails for a process that has ended, even if its parent has not waited for it.
        return [readFileSync(`/proc/${pid}/cmdline`, 'utf8')];
      } catch {
        return [];
      }
    })
    .filter((command) => command.includes(path));
}

describe('readWithDd', () => {
  it('says how long dd took for the whole file, and leaves the folder empty', async () => {
    const run = context();
    expect(await readWithDd(dataFile(3_000_000), run)).toBeGreaterThan(0);
    expect(readdirSync(run.folder)).toEqual([]);
  });

  it('refuses a reading that lost bytes', async () => {
    const file = { ...dataFile(100_000), byteLength: 100_001 };
    await expect(readWithDd(file, context())).rejects.toThrow('dd: expected 100001 bytes, found: ');
  });

  it('fails with what the writer says where that fails, though its reader would wait', async () => {
    const file = { path: '/nowhere/data', byteLength: 1, records: 1 };
    await expect(readWithDd(file, context())).rejects.toThrow(/^dd ended with .*\/nowhere\/data/);
  });
});

describe('readThroughFifo', () => {
  it('ends its writers where the reader fails, and leaves the folder empty', async () => {
    const run = context();
    const file = dataFile(100_000);
    // The compiled reader is not next to the sources.
    await expect(readThroughFifo({ job: 'bytes', warmUp: file, file }, run)).rejects.toThrow(/reader\.js/);
    expect(readdirSync(run.folder)).toEqual([]);
    while (commandsNaming(run.folder).length > 0) await new Promise(setImmediate);
  });
});
