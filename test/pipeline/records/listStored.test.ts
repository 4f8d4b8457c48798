import { join, relative } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { listFiles } from '../../../src/pipeline/records/listFiles.js';
import { listStored } from '../../../src/pipeline/records/listStored.js';
import type { Store } from '../../../src/stores/store.js';
import { temporaryFolders } from '../../support/temporaryFolder.js';
import { writeFiles } from '../recordFiles.js';
import { FolderStore } from './support/folderStore.js';

const newFolder = temporaryFolders();

function folderOf(names: readonly string[]): string {
  const folder = newFolder();
  writeFiles(folder, Object.fromEntries(names.map((name) => [name, ''])));
  return folder;
}

const ROOT = 'disk://data/';

async function keysOf(store: Store, pattern: string): Promise<string[]> {
  const { files } = await listStored(store, ROOT + pattern, undefined);
  return files.map(({ path }) => path.slice(ROOT.length));
}

/** Makes a store of empty objects with these keys, in any combination that a bucket allows. */
function keyStore(...keys: readonly string[]): Store {
  return storeOf(keys, 0);
}

function storeOf(keys: readonly string[], byteLength: number): Store {
  return {
    schemes: [ROOT],
    // oxlint-disable-next-line typescript/require-await
    async *list(prefix) {
      for (const key of keys) {
        const object = { url: ROOT + key, byteLength, version: undefined, hasRanges: true };
        if (object.url.startsWith(prefix)) yield object;
      }
    },
    read: () => Promise.resolve(new Uint8Array(0)),
  };
}

describe('listStored', () => {
  const NAMES = ['a.tf', '.b.tf', 'sub/c.tf', 'sub/deep/d.tf', 'sub-e.tf', 'set (1)/f.tf', 'set 1/g.tf'];

  it.each([
    ['a.tf', ['a.tf']],
    ['sub', ['sub/c.tf', 'sub/deep/d.tf']],
    ['sub/', ['sub/c.tf', 'sub/deep/d.tf']],
    ['*.tf', ['a.tf', 'sub-e.tf']],
    ['.*.tf', ['.b.tf']],
    ['s*/*.tf', ['set (1)/f.tf', 'set 1/g.tf', 'sub/c.tf']],
    ['sub/**', ['sub/c.tf', 'sub/deep/d.tf']],
    ['{a,sub/c}.tf', ['a.tf', 'sub/c.tf']],
    ['set (1)/*.tf', ['set (1)/f.tf']],
    ['none*', []],
    ['none', []],
  ])('finds the keys of %s', async (pattern, expected) => {
    expect(await keysOf(new FolderStore(folderOf(NAMES)), pattern)).toEqual(expected);
  });

  it.each([
    ['sub/deep/*.tf', ['sub/deep/']],
    ['sub/part-{1,2}', ['sub/part-']],
    ['sub/@(a|b)', ['sub/']],
    ['sub', ['sub', 'sub/']],
  ])('lists only below the literal part of %s', async (pattern, prefixes) => {
    const store = new FolderStore(folderOf(NAMES));
    await keysOf(store, pattern);
    expect(store.listed).toEqual(prefixes.map((prefix) => ROOT + prefix));
  });

  it('takes a key that equals the URL alone', async () => {
    const store = keyStore('train', 'train/a', 'part[1]', 'part1');
    expect(await keysOf(store, 'train')).toEqual(['train']);
    expect(await keysOf(store, 'train/')).toEqual(['train/a']);
    expect(await keysOf(store, 'part[1]')).toEqual(['part[1]']);
  });

  it('reads a key that others continue as a file and as a folder', async () => {
    const store = keyStore('x/a', 'x/a/b', 'x/a//c');
    expect(await keysOf(store, 'x/*')).toEqual(['x/a']);
    expect(await keysOf(store, 'x/*/b')).toEqual(['x/a/b']);
    expect(await keysOf(store, 'x/a//*')).toEqual(['x/a//c']);
  });

  it('leaves out the empty objects that consoles create for folders', async () => {
    expect(await keysOf(keyStore('train/', 'train/a', 'train/sub/'), 'train/')).toEqual(['train/a']);
    expect(await keysOf(keyStore('train/', 'train/a'), 'train/*')).toEqual(['train/a']);
  });

  it('reads objects with content whose key ends in a slash', async () => {
    const store = storeOf(['train/', 'train/a', 'train/sub/'], 1);
    expect(await keysOf(store, 'train/')).toEqual(['train/', 'train/a', 'train/sub/']);
    expect(await keysOf(store, 'train')).toEqual(['train/', 'train/a', 'train/sub/']);
    expect(await keysOf(store, 'train/**')).toEqual(['train/a', 'train/sub/']);
    expect(await keysOf(store, 'train/*')).toEqual(['train/a']);
  });

  it('finds in random trees what listFiles finds', async () => {
    const name = fc.constantFrom('a', 'b', '.c', 'a.tf', '[a]', 'a (1)', '!a', 'é');
    const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => names.join('/'));
    const part = fc.constantFrom(
      '*',
      '?',
      '**',
      '.*',
      '[ab]*',
      '{a,b}',
      '!(a)',
      '@(a|b)*',
      'a (1)',
      'a*(1)',
      '\\[a\\]',
      '!a',
    );
    const pattern = fc.array(fc.oneof(part, name), { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'));
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(path, { minLength: 1, maxLength: 8 }), pattern, async (paths, text) => {
        const files = paths.filter((one) => !paths.some((other) => other.startsWith(`${one}/`)));
        const folder = folderOf(files);
        const local = await listFiles(join(folder, text)).then(
          (listing) => listing.files.map(({ path }) => relative(folder, path)),
          () => [],
        );
        expect(await keysOf(new FolderStore(folder), text)).toEqual(local);
      }),
      // A file whose name is the pattern of a folder.
      {
        numRuns: 300,
        examples: [
          [['a/!a', 'é/a (1)/a'], '*/!a/*'],
          [['!a', '[a]/a'], '!a/*'],
        ],
      },
    );
  });
});
