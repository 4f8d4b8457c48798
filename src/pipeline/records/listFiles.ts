import { readdir, realpath, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import picomatch from 'picomatch';
import { ChannelError } from '../../base/errors.js';

const MEANS_PATTERN = /[*?[{(\\]/;

interface Entry {
  readonly name: string;
  readonly path: string;
  /** True for a link to a folder, too. */
  readonly isFolder: boolean;
}

/**
 * `recordsFromFiles` documents the patterns. In a part with wildcards, parentheses without `|` are literal if that
 * matches a file: `part (1)*.csv`.
 *
 * @returns the paths, or an empty list if nothing matches.
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

/** True for `**`, and for unbalanced brackets that contained a `/`. */
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

/** Returns no folders. */
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

async function entriesOf(folder: string): Promise<Entry[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    throw cannotList(folder, error as NodeJS.ErrnoException);
  });
  return Promise.all(
    entries.map(async (entry) => {
      const path = join(folder, entry.name);
      // A dangling link is listed as a file, whose reader reports the error.
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
  const message = `${path} is a symbolic link that leads back to a folder above it. Remove the link, or select the files with a pattern.`;
  return new ChannelError(message, { code: 'ERR_CHANNEL_IO', path, errno: 'ELOOP' });
}
