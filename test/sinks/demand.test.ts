import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { map, of } from 'rxjs';
import { writeRecords } from '../../src/sinks/writeRecords.js';
import { fileStore } from '../../src/stores/fileStore.js';
import type { WritableStore } from '../../src/stores/store.js';
import { nextTurn } from '../support/fifoWriter.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { countedSource } from './support/numbered.js';

const newFolder = temporaryFolders();

describe('writeRecords and demand', () => {
  it('requests no more than three blocks of records while the disk is slow', async () => {
    const store = fileStore();
    let release: () => void = () => undefined;
    const slow: WritableStore = {
      ...store,
      create: async (url, options) => {
        const writer = await store.create(url, options);
        return {
          ...bound(writer),
          write: (bytes) => new Promise<void>((resolve) => (release = resolve)).then(() => writer.write(bytes)),
        };
      },
    };
    const megabytes = Array.from({ length: 40 }, () => Buffer.alloc(256 * 1024));
    const { source$, asked } = countedSource(megabytes);
    const path = join(newFolder(), 'a');
    const writing = writeRecords(source$, path, { recordFormat: (record) => record, store: slow });
    let isDone = false;
    void writing.then(() => (isDone = true));
    let written = 0;
    while (!isDone) {
      for (let turn = 0; turn < 30; turn++) await nextTurn();
      expect(asked() - 4 * written).toBeLessThanOrEqual(12);
      release();
      written++;
    }
    expect(statSync(path).size).toBe(10 * 1024 * 1024);
  });

  it('takes records that come without demand', async () => {
    const path = join(newFolder(), 'a');
    await writeRecords(of('a', 'b').pipe(map((text) => text)), path, { recordFormat: 'TextLine' });
    expect(readFileSync(path, 'utf8')).toBe('a\nb\n');
  });
});

function bound(writer: Awaited<ReturnType<WritableStore['create']>>) {
  return { write: writer.write.bind(writer), finish: writer.finish.bind(writer), abort: writer.abort.bind(writer) };
}
