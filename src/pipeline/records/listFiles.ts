import { readdir, realpath, stat } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { ChannelError } from '../../base/errors.js';
import { realPathOfNew } from '../../base/fileIdentity.js';
import { filesOfFolder, findFiles, meansPattern, type FileTree, type TreeEntry } from './findFiles.js';
import type { FileListing } from './recordFile.js';

/** Files that do not exist yet, but are listed as if they existed. */
export interface PlannedFiles {
  /** The real path of the folder of these files. Folders of this path that do not exist yet are also listed. */
  readonly folder: string;
  readonly names: readonly string[];
}

/**
 * Lists the files that a pattern selects. `recordsFromFiles` describes patterns.
 *
 * @returns no files if nothing matches.
 * @throws ChannelError if a path does not exist, or if a folder cannot be listed.
 */
export async function listFiles(pattern: string, planned?: PlannedFiles): Promise<FileListing> {
  const stats = await stat(pattern).catch((error: unknown) => {
    const cause = error as NodeJS.ErrnoException;
    if (cause.code === 'ENOENT' && (planned !== undefined || meansPattern(pattern))) return undefined;
    // A pattern such as `a*/b` may begin with the name of a file.
    if (cause.code === 'ENOTDIR' && meansPattern(pattern)) return undefined;
    throw cannotList(pattern, cause);
  });
  const tree = diskTree(planned);
  if (stats?.isDirectory()) return listing('folder', pattern, await filesOfFolder(tree, pattern));
  if (stats) return listing('file', dirname(pattern), [pattern]);
  const parts = pattern.split('/').filter((part) => part !== '');
  const { base, files } = await findFiles(tree, pattern.startsWith('/') ? '/' : '.', parts);
  return listing('pattern', base, files);
}

function listing(kind: FileListing['kind'], base: string, paths: readonly string[]): FileListing {
  return { kind, base, files: paths.map((path) => ({ path })) };
}

function diskTree(planned: PlannedFiles | undefined): FileTree {
  return {
    look: (path) =>
      stat(path).then(
        (stats) => ({ isFile: !stats.isDirectory(), isFolder: stats.isDirectory() }),
        () => (planned && isAbove(path, planned) ? { isFile: false, isFolder: true } : undefined),
      ),
    entriesOf: (folder) => entriesOf(folder, planned),
    join,
    relative,
    identify: async (folder, above) => {
      if (planned && isAbove(folder, planned)) return realPathOfNew(folder);
      const here = await realpath(folder).catch((error: unknown) => {
        throw cannotList(folder, error as NodeJS.ErrnoException);
      });
      if (above.includes(here)) throw leadsBack(folder);
      return here;
    },
  };
}

async function entriesOf(folder: string, planned: PlannedFiles | undefined): Promise<TreeEntry[]> {
  if (!planned || !isAbove(folder, planned)) return existingEntries(folder);
  const found = await existingEntries(folder).catch((error: unknown) => {
    if ((error as ChannelError).errno === 'ENOENT') return [];
    throw error;
  });
  const known = new Set(found.map(({ name }) => name));
  const [next = ''] = relative(realPathOfNew(folder), planned.folder).split(sep);
  const isFolder = next !== '';
  const added = [...new Set(isFolder ? [next] : planned.names)].filter((name) => !known.has(name));
  return [...found, ...added.map((name) => ({ name, path: join(folder, name), isFolder }))];
}

/** @throws ChannelError (as a rejection) if the folder cannot be listed. */
export async function existingEntries(folder: string): Promise<TreeEntry[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    throw cannotList(folder, error as NodeJS.ErrnoException);
  });
  return Promise.all(
    entries.map(async (entry) => {
      const path = join(folder, entry.name);
      // A dangling link is listed as a file, so its reader reports the error.
      const target = entry.isSymbolicLink() ? await stat(path).catch(() => entry) : entry;
      return { name: entry.name, path, isFolder: target.isDirectory() };
    }),
  );
}

/** True for the planned folder and the folders above it. */
function isAbove(folder: string, planned: PlannedFiles): boolean {
  const real = realPathOfNew(folder);
  return planned.folder === real || planned.folder.startsWith(real === sep ? sep : `${real}${sep}`);
}

function cannotList(path: string, cause: NodeJS.ErrnoException): ChannelError {
  return new ChannelError(`Cannot find the files of ${path}: ${cause.message}.`, {
    code: 'ERR_CHANNEL_IO',
    path,
    errno: cause.code,
    cause,
  });
}

function leadsBack(path: string): ChannelError {
  const message =
    `${path} is a symbolic link to a folder that contains this link. Remove the link, or select the ` +
    'files with a pattern.';
  return new ChannelError(message, { code: 'ERR_CHANNEL_IO', path, errno: 'ELOOP' });
}
