import { appendFileSync, mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { fileStore } from '../../src/stores/fileStore.js';
import type { StoredObject } from '../../src/stores/store.js';
import { makeFifo } from '../support/fifoWriter.js';
import { descriptorsBelow } from '../support/openHandles.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const newFolder = temporaryFolders();
const store = fileStore();

function folderOf(files: readonly string[]): string {
  const folder = newFolder();
  for (const file of files) {
    mkdirSync(join(folder, file, '..'), { recursive: true });
    writeFileSync(join(folder, file), `content of ${file}`);
  }
  return folder;
}

async function listed(prefix: string): Promise<StoredObject[]> {
  const objects: StoredObject[] = [];
  for await (const object of store.list(prefix)) objects.push(object);
  return objects;
}

const namesOf = (folder: string, objects: readonly StoredObject[]) =>
  objects.map(({ url }) => url.slice(folder.length + 1));

describe('fileStore().list', () => {
  it('lists the files below a folder, sorted by the bytes of their paths', async () => {
    const files = ['a/b', 'a.txt', 'a0', 'é', 'z', '\u{10000}', '\uffff', '.hidden', 'a/b.c/d'];
    const folder = folderOf(files);
    const byBytes = [...files].sort((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)));
    expect(namesOf(folder, await listed(`${folder}/`))).toEqual(byBytes);
  });

  it('lists the files whose path begins with a prefix', async () => {
    const folder = folderOf(['train-0', 'train-1', 'train/x', 'test-0']);
    expect(namesOf(folder, await listed(`${folder}/train`))).toEqual(['train-0', 'train-1', 'train/x']);
    expect(namesOf(folder, await listed(`${folder}/train-1`))).toEqual(['train-1']);
    expect(await listed(`${folder}/none`)).toEqual([]);
  });

  it('follows links, also circular ones once, and leaves out what is no file', async () => {
    const folder = folderOf(['a/file']);
    symlinkSync('..', join(folder, 'a', 'up'));
    symlinkSync('a', join(folder, 'b'));
    symlinkSync('nowhere', join(folder, 'broken'));
    makeFifo(join(folder, 'fifo'));
    const names = namesOf(folder, await listed(`${folder}/`));
    expect(names).toContain('b/file');
    expect(names.every((name) => name.endsWith('file'))).toBe(true);
  });

  it('rejects with the errno if the folder cannot be listed', async () => {
    const missing = `${newFolder()}/none/`;
    await expect(listed(missing)).rejects.toMatchObject({ code: 'ERR_CHANNEL_IO', errno: 'ENOENT', path: missing });
    await expect(listed('s3://bucket/')).rejects.toMatchObject({ code: 'ERR_CONFIG' });
  });

  it('ends with the signal’s reason', async () => {
    const folder = folderOf(['file']);
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(store.list(`${folder}/`, { signal })[Symbol.asyncIterator]().next()).rejects.toThrow('enough');
  });
});

describe('fileStore().read', () => {
  it('reads ranges, and closes the file', async () => {
    const folder = folderOf(['file']);
    const [object] = await listed(`${folder}/`);
    expect(Buffer.from(await store.read(object!, 8, 15)).toString()).toBe('of file');
    expect((await store.read(object!, 3, 3)).length).toBe(0);
    expect(descriptorsBelow(folder)).toEqual([]);
  });

  it('reads into given memory', async () => {
    const [object] = await listed(`${folderOf(['file'])}/`);
    const into = new Uint8Array(7);
    expect(await store.read(object!, 8, 15, { into })).toBe(into);
    expect(Buffer.from(into).toString()).toBe('of file');
  });

  it('rejects if the file has changed since it was listed', async () => {
    const folder = folderOf(['file']);
    const [object] = await listed(`${folder}/`);
    utimesSync(object!.url, 1, 1);
    await expect(store.read(object!, 0, 1)).rejects.toMatchObject({ code: 'ERR_CHANNEL_CHANGED', path: object!.url });
    appendFileSync(object!.url, 'more');
    await expect(store.read(object!, 0, 1)).rejects.toThrow(/has changed since it was listed: expected 15 bytes/);
    const grown = { ...object!, byteLength: 100, version: undefined };
    await expect(store.read(grown, 0, 100)).rejects.toThrow(/it ends at byte 19/);
    expect(descriptorsBelow(folder)).toEqual([]);
  });

  it('rejects for a missing file, a range outside the object, and an aborted signal', async () => {
    const folder = folderOf(['file']);
    const [object] = await listed(`${folder}/`);
    const missing = { ...object!, url: join(folder, 'none') };
    await expect(store.read(missing, 0, 1)).rejects.toMatchObject({ code: 'ERR_CHANNEL_IO', errno: 'ENOENT' });
    await expect(store.read(object!, 0, 16)).rejects.toThrow(/within the 15 bytes/);
    await expect(store.read(object!, 2, 1)).rejects.toMatchObject({ code: 'ERR_CONFIG', path: 'start' });
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(store.read(object!, 0, 1, { signal })).rejects.toThrow('enough');
  });
});
