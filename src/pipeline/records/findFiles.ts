import { globMatcher } from './globMatcher.js';

export interface TreeEntry {
  readonly name: string;
  readonly path: string;
  /** Also true for a link to a folder. */
  readonly isFolder: boolean;
}

/**
 * The files and folders of a disk or a store. The keys of a store are treated as paths, so a path can be both a file
 * and a folder.
 */
export interface FileTree {
  readonly look: (path: string) => Promise<{ readonly isFile: boolean; readonly isFolder: boolean } | undefined>;
  readonly entriesOf: (folder: string) => Promise<readonly TreeEntry[]>;
  readonly join: (folder: string, name: string) => string;
  readonly relative: (folder: string, path: string) => string;
  /**
   * Returns the identity of a folder. All paths to the folder have the same identity.
   *
   * @param above - the identities of the parent folders.
   * @throws ChannelError if the folder is a link to one of its parent folders.
   */
  readonly identify: (folder: string, above: readonly string[]) => Promise<string>;
}

const WILDCARD = /[*?[{(\\]/;

export function meansPattern(text: string): boolean {
  return WILDCARD.test(text);
}

/**
 * Returns the last folder before the wildcards, and the paths of the files.
 *
 * @param parts - the parts of the pattern between the slashes.
 */
export async function findFiles(
  tree: FileTree,
  root: string,
  parts: readonly string[],
): Promise<{ readonly base: string; readonly files: readonly string[] }> {
  let base = root;
  let rest = parts;
  for (;;) {
    const [part = '', ...below] = rest;
    if (below.length === 0 || !(await tree.look(tree.join(base, part)))?.isFolder) break;
    base = tree.join(base, part);
    rest = below;
  }
  return { base, files: sortedFiles(tree, root, await filesAt(tree, base, rest)) };
}

/** Returns all files in a folder and its subfolders, sorted by the bytes of their paths, like keys in S3. */
export async function filesOfFolder(tree: FileTree, folder: string): Promise<readonly string[]> {
  return sortedFiles(tree, folder, await filesBelow(tree, folder, { depth: Infinity }));
}

/**
 * In a part with wildcards, such as `part (1)*.csv`, parentheses without `|` are literal if a name matches with literal
 * parentheses.
 */
async function filesAt(tree: FileTree, folder: string, parts: readonly string[]): Promise<string[]> {
  const [part = '', ...rest] = parts;
  const written = tree.join(folder, part);
  const found = await tree.look(written);
  if (found && rest.length === 0) return found.isFile ? [written] : [];
  if (found?.isFolder) return filesAt(tree, written, rest);
  if (spansFolders(part)) return filesMatching(tree, folder, parts.join('/'));
  const entries = (await tree.entriesOf(folder)).filter(({ isFolder }) => isFolder === rest.length > 0);
  const matchesOf = async (glob: string): Promise<TreeEntry[]> => {
    const isMatch = await globMatcher(glob);
    return entries.filter(({ name }) => isMatch(name));
  };
  const literal = await matchesOf(withLiteralParentheses(part));
  const matching = literal.length > 0 ? literal : await matchesOf(part);
  const files = matching.map(async ({ path }) => (rest.length > 0 ? filesAt(tree, path, rest) : [path]));
  return (await Promise.all(files)).flat();
}

/** Escapes parentheses, except parentheses that contain `|` or follow `+`, `@` or `!`. */
function withLiteralParentheses(part: string): string {
  return part.replaceAll(/(?<![+@!\\])\(([^()|\\]*)\)/g, String.raw`\($1\)`);
}

/**
 * Returns true for `**`. Also returns true if a bracket is not closed in this part, because the bracket expression
 * contains a `/`.
 */
function spansFolders(part: string): boolean {
  const countOf = (character: string): number => part.split(character).length;
  return part.includes('**') || countOf('{') !== countOf('}') || countOf('(') !== countOf(')');
}

async function filesMatching(tree: FileTree, folder: string, glob: string): Promise<string[]> {
  const isMatch = await globMatcher(glob);
  // Without `**`, no file below the depth of the pattern can match.
  const depth = glob.includes('**') ? Infinity : glob.split('/').length;
  return (await filesBelow(tree, folder, { depth })).filter((file) => isMatch(tree.relative(folder, file)));
}

interface Walk {
  readonly depth: number;
  readonly above?: readonly string[];
}

async function filesBelow(tree: FileTree, folder: string, { depth, above = [] }: Walk): Promise<string[]> {
  const here = await tree.identify(folder, above);
  const files = (await tree.entriesOf(folder)).map(async ({ path, isFolder }) => {
    if (!isFolder) return [path];
    return depth > 1 ? filesBelow(tree, path, { depth: depth - 1, above: [...above, here] }) : [];
  });
  return (await Promise.all(files)).flat();
}

function sortedFiles({ relative }: FileTree, folder: string, files: readonly string[]): string[] {
  const keyed = files.map((file) => ({ file, key: Buffer.from(relative(folder, file)) }));
  return keyed.sort((a, b) => Buffer.compare(a.key, b.key)).map(({ file }) => file);
}
