import type { Store, StoredObject } from '../../stores/store.js';
import { isFolderMarker, isHttp, rootOf } from '../../stores/storeUrl.js';
import { findFiles, meansPattern, type FileTree, type TreeEntry } from './findFiles.js';
import { storedFile, type FileListing } from './recordFile.js';

/**
 * Matches the first character after a literal prefix. `!`, `+` and `@` are wildcards before a parenthesis, and `!` also
 * after a slash.
 */
const PATTERN_START = /[*?[{(\\]|[!+@](?=\()|(?<=\/)!/;

/**
 * Lists the objects that a URL or a pattern selects, with the rules of {@link listFiles}. The first of these rules that
 * finds objects applies: the object with exactly this URL, then all objects whose URL begins with this URL and a slash,
 * then all objects that match the pattern.
 *
 * @returns no objects if nothing matches.
 */
export async function listStored(store: Store, url: string, signal: AbortSignal | undefined): Promise<FileListing> {
  const folder = url.replace(/\/$/, '');
  const listing = (kind: FileListing['kind'], base: string, objects: readonly StoredObject[]): FileListing => {
    return { kind, base, files: objects.map((object) => storedFile(store, object)) };
  };
  const list = (prefix: string): AsyncIterable<StoredObject> => store.list(prefix, { signal });
  if (!meansPattern(url) || isHttp(url)) {
    const exact = await firstOf(list(url));
    if (exact?.url === url && (isHttp(url) || !url.endsWith('/'))) return listing('file', parentOf(url), [exact]);
    return listing('folder', folder, isHttp(url) ? [] : await objectsOf(list(`${folder}/`)));
  }
  const objects = await objectsOf(list(literalPrefix(url)));
  const exact = objects.find((object) => object.url === url);
  if (exact) return listing('file', parentOf(url), [exact]);
  const below = objects.filter((object) => object.url.startsWith(`${folder}/`));
  if (below.length > 0) return listing('folder', folder, below);
  const root = rootOf(url);
  const parts = folder.slice(root.length + 1).split('/');
  const { base, files } = await findFiles(keyTree(root, objects), root, parts);
  const byUrl = new Map(objects.map((object) => [object.url, object]));
  return listing(
    'pattern',
    base,
    files.flatMap((file) => byUrl.get(file) ?? []),
  );
}

function literalPrefix(url: string): string {
  const root = rootOf(url);
  const key = url.slice(root.length);
  return root + key.slice(0, PATTERN_START.exec(key)?.index);
}

function parentOf(url: string): string {
  return url.slice(0, url.lastIndexOf('/'));
}

async function firstOf<T>(items: AsyncIterable<T>): Promise<T | undefined> {
  for await (const item of items) return item;
  return undefined;
}

async function objectsOf(listed: AsyncIterable<StoredObject>): Promise<StoredObject[]> {
  const objects: StoredObject[] = [];
  for await (const object of listed) if (!isFolderMarker(object)) objects.push(object);
  return objects;
}

function keyTree(root: string, objects: readonly StoredObject[]): FileTree {
  const files = new Set(objects.map(({ url }) => url));
  const folders = new Map<string, TreeEntry[]>();
  for (const { url } of objects) {
    for (let path = url, isFolder = false; path.length > root.length; isFolder = true) {
      const folder = parentOf(path);
      const entries = folders.get(folder);
      const entry = { name: path.slice(folder.length + 1), path, isFolder };
      if (entries) {
        entries.push(entry);
        // The map already contains the parent folders.
        break;
      }
      folders.set(folder, [entry]);
      path = folder;
    }
  }
  return {
    look: (path) => {
      const [isFile, isFolder] = [files.has(path), folders.has(path)];
      return Promise.resolve(isFile || isFolder ? { isFile, isFolder } : undefined);
    },
    entriesOf: (folder) => Promise.resolve(folders.get(folder) ?? []),
    join: (folder, name) => `${folder}/${name}`,
    relative: (folder, path) => path.slice(folder.length + 1),
    identify: (folder) => Promise.resolve(folder),
  };
}
