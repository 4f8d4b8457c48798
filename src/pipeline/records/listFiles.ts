import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
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
 * @param planned - the real path of a file that is listed as if it existed.
 * @returns the paths, or an empty list if nothing matches.
 * @throws ChannelError if a path does not exist, or if a folder cannot be listed.
 */
export async function listFiles(pattern: string, planned?: string): Promise<string[]> {
  const stats = await stat(pattern).catch((error: unknown) => {
    const cause = error as NodeJS.ErrnoException;
    if (cause.code === 'ENOENT' && (planned !== undefined || MEANS_PATTERN.test(pattern))) return undefined;
    throw cannotList(pattern, cause);
  });
  if (stats?.isDirectory()) return sorted(await filesBelow(pattern, { depth: Infinity, planned }), pattern);
  if (stats) return [pattern];
  const folder = pattern.startsWith('/') ? '/' : '.';
  const parts = pattern.split('/').filter((part) => part !== '');
  return sorted(await filesAt(folder, parts, planned), folder);
}

async function filesAt(folder: string, parts: readonly string[], planned: string | undefined): Promise<string[]> {
  const [part = '', ...rest] = parts;
  const written = join(folder, part);
  const stats = await stat(written).catch(() => undefined);
  if (stats && rest.length > 0) return filesAt(written, rest, planned);
  if (stats) return stats.isDirectory() ? [] : [written];
  if (spansFolders(part)) return filesMatching(folder, parts.join('/'), planned);
  const entries = (await entriesOf(folder, planned)).filter(({ isFolder }) => isFolder === rest.length > 0);
  const matchesOf = (glob: string): Entry[] => {
    const isMatch = picomatch(glob);
    return entries.filter(({ name }) => isMatch(name));
  };
  const literal = matchesOf(withLiteralParentheses(part));
  const matching = literal.length > 0 ? literal : matchesOf(part);
  const files = matching.map(async ({ path }) => (rest.length > 0 ? filesAt(path, rest, planned) : [path]));
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

async function filesMatching(folder: string, glob: string, planned: string | undefined): Promise<string[]> {
  const isMatch = picomatch(glob);
  // Without `**`, no match is deeper than the pattern.
  const depth = glob.includes('**') ? Infinity : glob.split('/').length;
  return (await filesBelow(folder, { depth, planned })).filter((file) => isMatch(relative(folder, file)));
}

interface Walk {
  readonly depth: number;
  readonly planned: string | undefined;
  readonly above?: readonly string[];
}

/** Returns no folders. */
async function filesBelow(folder: string, { depth, planned, above = [] }: Walk): Promise<string[]> {
  const here = await realpath(folder).catch((error: unknown) => {
    throw cannotList(folder, error as NodeJS.ErrnoException);
  });
  if (above.includes(here)) throw leadsBack(folder);
  const files = (await entriesOf(folder, planned)).map(async ({ path, isFolder }) => {
    if (!isFolder) return [path];
    return depth > 1 ? filesBelow(path, { depth: depth - 1, planned, above: [...above, here] }) : [];
  });
  return (await Promise.all(files)).flat();
}

async function entriesOf(folder: string, planned: string | undefined): Promise<Entry[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    throw cannotList(folder, error as NodeJS.ErrnoException);
  });
  const found = await Promise.all(
    entries.map(async (entry) => {
      const path = join(folder, entry.name);
      // A dangling link is listed as a file, whose reader reports the error.
      const target = entry.isSymbolicLink() ? await stat(path).catch(() => entry) : entry;
      return { name: entry.name, path, isFolder: target.isDirectory() };
    }),
  );
  const name = planned !== undefined && (await realpath(folder)) === dirname(planned) ? basename(planned) : undefined;
  if (name === undefined || found.some((entry) => entry.name === name)) return found;
  return [...found, { name, path: join(folder, name), isFolder: false }];
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
