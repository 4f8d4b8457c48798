import { readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { fileStore } from '../../src/stores/fileStore.js';
import { descriptorsBelow } from '../support/openHandles.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const newFolder = temporaryFolders();
const store = fileStore();

describe('fileStore().create', () => {
  it('writes to a hidden file, which gets its name when it is finished', async () => {
    const folder = newFolder();
    const path = join(folder, 'new', 'a');
    const writer = await store.create(path);
    await writer.write(Buffer.from('one'));
    await writer.write(Buffer.from('two'));
    expect(readdirSync(join(folder, 'new'))).toEqual([expect.stringMatching(/^\.a\.[0-9a-f]{16}\.millrace-tmp$/)]);
    await writer.finish();
    expect(readFileSync(path, 'utf8')).toBe('onetwo');
    expect(readdirSync(join(folder, 'new'))).toEqual(['a']);
  });

  it('replaces a file', async () => {
    const path = join(newFolder(), 'a');
    writeFileSync(path, 'the old one');
    const writer = await store.create(path);
    expect(readFileSync(path, 'utf8')).toBe('the old one');
    await writer.finish();
    expect(readFileSync(path, 'utf8')).toBe('');
  });

  it.each(['a file', 'a dangling link'])('does not replace %s if it is exclusive', async (what) => {
    const folder = newFolder();
    const path = join(folder, 'a');
    const writer = await store.create(path, { exclusive: true });
    await writer.write(Buffer.from('late'));
    if (what === 'a file') writeFileSync(path, 'early');
    else symlinkSync('none', path);
    const finished = writer.finish();
    await expect(finished).rejects.toMatchObject({ code: 'ERR_CHANNEL_IO', errno: 'EEXIST', path });
    await expect(finished).rejects.toThrow(/^Cannot write .*a: another writer has written it in the meantime/);
    await writer.abort();
    expect(readdirSync(folder)).toEqual(['a']);
  });

  it('writes a new file if it is exclusive', async () => {
    const folder = newFolder();
    const writer = await store.create(join(folder, 'a'), { exclusive: true });
    await writer.write(Buffer.from('one'));
    await writer.finish();
    expect([readdirSync(folder), readFileSync(join(folder, 'a'), 'utf8')]).toEqual([['a'], 'one']);
  });

  it('leaves nothing after abort, and refuses to go on', async () => {
    const folder = newFolder();
    const writer = await store.create(join(folder, 'a'));
    await writer.write(Buffer.from('one'));
    await writer.abort();
    expect([readdirSync(folder), descriptorsBelow(folder)]).toEqual([[], []]);
    await expect(writer.write(Buffer.from('two'))).rejects.toThrow(/^The writer of .*a is already closed\.$/);
  });

  it('says that the temporary file is gone, and writes no other', async () => {
    const folder = newFolder();
    const path = join(folder, 'a');
    const writer = await store.create(path);
    for (const name of readdirSync(folder)) rmSync(join(folder, name));
    await expect(writer.finish()).rejects.toMatchObject({
      ...{ name: 'ChannelError', errno: 'ENOENT', path },
      message: expect.stringMatching(/Another run probably writes the same pattern, .*each run\.$/),
    });
    await writer.abort();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('ends with the reason of its signal', async () => {
    const folder = newFolder();
    const stop = new AbortController();
    const writer = await store.create(join(folder, 'a'), { signal: stop.signal });
    stop.abort(new Error('enough'));
    await expect(writer.write(Buffer.from('one'))).rejects.toThrow('enough');
    await expect(writer.finish()).rejects.toThrow('enough');
    await writer.abort();
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('fileStore().remove', () => {
  it('removes a file, and takes a missing one for removed', async () => {
    const path = join(newFolder(), 'a');
    writeFileSync(path, '');
    await store.remove(path);
    await store.remove(path);
    expect(readdirSync(join(path, '..'))).toEqual([]);
  });
});
