import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { concat, of, tap } from 'rxjs';
import { writeRecords } from '../../src/sinks/writeRecords.js';
import { fromIterable } from '../../src/sources/fromIterable.js';
import { descriptorsBelow } from '../support/openHandles.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { contentOf, interrupted, numberedRecords, TF_RECORDS } from './support/numbered.js';

const newFolder = temporaryFolders();
const records = numberedRecords(25);

describe('writeRecords, failing', () => {
  it('keeps whole files, removes the unfinished one, and says in the manifest that it is incomplete', async () => {
    const folder = newFolder();
    expect(await interrupted(folder, 15)).toEqual(new Error('the source'));
    const { 'part.tfrecord.manifest.json': manifest = '', ...files } = contentOf(folder);
    expect(Object.keys(files)).toEqual(['part-00000.tfrecord']);
    expect(JSON.parse(manifest)).toMatchObject({ isComplete: false, records: 10, files: [{ records: 10 }] });
    expect(descriptorsBelow(folder)).toEqual([]);
  });

  it('names a record that cannot be encoded', async () => {
    const folder = newFolder();
    const source$ = concat(fromIterable(records.slice(0, 3)), of('text' as unknown as Uint8Array));
    const writing = writeRecords(source$, join(folder, '{shard}'), TF_RECORDS);
    await expect(writing).rejects.toThrow(
      /^writeRecords: record 3: encodeTFRecord: payload: expected a Uint8Array, found "text"/,
    );
    expect(readdirSync(folder)).toEqual([]);
  });

  it('refuses what an encoder returns if it is not bytes, and passes on what it throws', async () => {
    const write = (encode: (record: Uint8Array) => Uint8Array) =>
      writeRecords(fromIterable(records), join(newFolder(), 'a'), { recordFormat: encode });
    await expect(write(() => 'text' as never)).rejects.toThrow(
      /^writeRecords: record 0: the result of the encoder: expected a Uint8Array, found "text"/,
    );
    const failure = new Error('mine');
    await expect(
      write(() => {
        throw failure;
      }),
    ).rejects.toBe(failure);
  });

  it.each([
    ['a file in the place of a folder', 'file/part', 'EEXIST', /A part of the path is a file: use a different path\.$/],
    [
      'a folder in the place of the file',
      'folder',
      'EISDIR',
      /A folder with this name exists: use a different path\.$/,
    ],
    ['a name that is too long', 'x'.repeat(240), 'ENAMETOOLONG', /Use a shorter name/],
  ])('names path, errno and remedy: %s', async (_what, name, errno, message) => {
    const folder = newFolder();
    writeFileSync(join(folder, 'file'), '');
    mkdirSync(join(folder, 'folder'));
    const error = await writeRecords(fromIterable(['a']), join(folder, name), { recordFormat: 'TextLine' }).catch(
      (e: unknown) => e,
    );
    expect(error).toMatchObject({ name: 'ChannelError', code: 'ERR_CHANNEL_IO', errno });
    expect((error as Error).message).toMatch(message);
    expect(readdirSync(folder).sort()).toEqual(['file', 'folder']);
  });

  it('ends with the reason of its signal while it waits for records, and leaves nothing open', async () => {
    const folder = newFolder();
    const stop = new AbortController();
    const endless$ = fromIterable({
      *[Symbol.iterator]() {
        for (;;) yield Buffer.alloc(100_000);
      },
    });
    let written = 0;
    const aborting$ = endless$.pipe(tap(() => ++written === 500 && stop.abort(new Error('enough'))));
    const writing = writeRecords(aborting$, join(folder, 'a'), { recordFormat: 'TextLine', signal: stop.signal });
    await expect(writing).rejects.toThrow('enough');
    expect(readdirSync(folder)).toEqual([]);
    expect(descriptorsBelow(folder)).toEqual([]);
  });

  it('writes nothing if its signal was aborted before', async () => {
    const folder = newFolder();
    const signal = AbortSignal.abort(new Error('enough'));
    const writing = writeRecords(fromIterable(['a']), join(folder, 'a'), { recordFormat: 'TextLine', signal });
    await expect(writing).rejects.toThrow('enough');
    expect(readdirSync(folder)).toEqual([]);
  });
});
