import { readdir, realpath, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import picomatch from 'picomatch';
import { ChannelError } from '../../base/errors.js';

const MEANS_PATTERN = /[*?[{(\\]/;

interface Entry {
  readonly name: string;
  readonly path: string;
  /** Whether the entry is a folder, or a link to a folder. */
  readonly isFolder: boolean;
}

/**
 * Returns the files of a path or pattern. The path of a file is that file, the path of a folder is all files below that
 * folder, and a pattern (`data/*.tfrecord`) is all matching files.
 *
 * A part of a pattern (between two `/`) is literal if a file or folder of that name exists: `set (1)/*.csv` reads the
 * folder `set (1)`. In a part with wildcards, parentheses without `|` are literal if that matches a file: `part
 * (1)*.csv`. A backslash makes the next character literal.
 *
 * Paths are sorted by their UTF-8 bytes, like keys in S3 and in a Pipe mode channel. Below a folder, hidden files are
 * included, as in S3. Symbolic links are followed.
 *
 * @returns the paths. The list is empty if nothing matches.
 * @throws ChannelError if a path does not exist, or if a folder cannot be listed.
 */
export async function listFiles(pattern: string): Promise<string[]> {
  const stats = await stat(pattern).catch((error: unknown) => {
    const cause = error as NodeJS.ErrnoException;
    if (cause.code === 'ENOENT' && MEANS_PATTERN.test(pattern)) return undefined;
    throw cannotList(pattern, cause);
  });
  if (stats?.isDirectory()) return sorted(await filesBelow(pattern, Infinity), pattern);
  if (stats) return [pattern];
  const folder = pattern.startsWith('/') ? '/' : '.';
  const parts = pattern.split('/').filter((part) => part !== '');
  return sorted(await filesAt(folder, parts), folder);
}

/** Returns the files below a folder that match the parts of a pattern. */
async function filesAt(folder: string, parts: readonly string[]): Promise<string[]> {
  const [part = '', ...rest] = parts;
  const written = join(folder, part);
  const stats = await stat(written).catch(() => undefined);
  if (stats && rest.length > 0) return filesAt(written, rest);
  if (stats) return stats.isDirectory() ? [] : [written];
  if (spansFolders(part)) return filesMatching(folder, parts.join('/'));
  const entries = (await entriesOf(folder)).filter(({ isFolder }) => isFolder === rest.length > 0);
  const matchesOf = (glob: string): Entry[] => {
    const isMatch = picomatch(glob);
    return entries.filter(({ name }) => isMatch(name));
  };
  const literal = matchesOf(withLiteralParentheses(part));
  const matching = literal.length > 0 ? literal : matchesOf(part);
  const files = matching.map(async ({ path }) => (rest.length > 0 ? filesAt(path, rest) : [path]));
  return (await Promise.all(files)).flat();
}

/** Makes the parentheses of `part (1)*.csv` literal, but not parentheses that contain `|` or follow `+`, `@` or `!`. */
function withLiteralParentheses(part: string): string {
  return part.replaceAll(/(?<![+@!\\])\(([^()|\\]*)\)/g, String.raw`\($1\)`);
}

/**
 * Whether a part can match several folders. This is true for `**`, and for unbalanced brackets that contained a `/`.
 */
function spansFolders(part: string): boolean {
  const countOf = (character: string): number => part.split(character).length;
  return part.includes('**') || countOf('{') !== countOf('}') || countOf('(') !== countOf(')');
}

async function filesMatching(folder: string, glob: string): Promise<string[]> {
  const isMatch = picomatch(glob);
  // Without `**`, no match is deeper than the pattern.
  const depth = glob.includes('**') ? Infinity : glob.split('/').length;
  return (await filesBelow(folder, depth)).filter((file) => isMatch(relative(folder, file)));
}

/** Returns all entries below a folder, down to a depth, except folders. */
async function filesBelow(folder: string, depth: number, above: readonly string[] = []): Promise<string[]> {
  const here = await realpath(folder).catch((error: unknown) => {
    throw cannotList(folder, error as NodeJS.ErrnoException);
  });
  if (above.includes(here)) throw leadsBack(folder);
  const files = (await entriesOf(folder)).map(async ({ path, isFolder }) => {
    if (!isFolder) return [path];
    return depth > 1 ? filesBelow(path, depth - 1, [...above, here]) : [];
  });
  return (await Promise.all(files)).flat();
}

/** @throws ChannelError if the folder cannot be listed. */
async function entriesOf(folder: string): Promise<Entry[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    throw cannotList(folder, error as NodeJS.ErrnoException);
  });
  return Promise.all(
    entries.map(async (entry) => {
      const path = join(folder, entry.name);
      // A dangling link is listed as a file. The reader of that file reports the error.
      const target = entry.isSymbolicLink() ? await stat(path).catch(() => entry) : entry;
      return { name: entry.name, path, isFolder: target.isDirectory() };
    }),
  );
}

function sorted(files: readonly string[], folder: string): string[] {
  const keyed = files.map((file) => ({ file, key: Buffer.from(relative(folder, file)) }));
  return keyed.sort((a, b) => Buffer.compare(a.key, b.key)).map(({ file }) => file);
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
  const message = `${path} is a symbolic link that leads back to a folder above it. Remove the link, or name the files by a pattern.`;
  return new ChannelError(message, { code: 'ERR_CHANNEL_IO', path, errno: 'ELOOP' });
}
