import { basename } from 'node:path';
import { z } from 'zod';
import { lazy } from '../../base/lazy.js';
import { quote, quoteNames } from '../../base/showValue.js';
import { warn } from '../../base/warn.js';
import { manifestNamesOf } from '../../base/manifestName.js';
import { globMatcher } from './globMatcher.js';
import { nameInListing, type FileListing, type RecordFile } from './recordFile.js';

export interface FileFilterOptions {
  /**
   * Patterns of the files to read. Patterns are relative to the folder or prefix. For a path with wildcards, they are
   * relative to the last folder before the wildcards. `*.csv` does not match files in subfolders. `sub` and `sub/`
   * match all files in the folder `sub` and its subfolders. A hidden file matches only a pattern that contains the
   * leading dot. Default for paths with wildcards: all files. Default for folders and prefixes: all except hidden
   * files, `_SUCCESS`, `*.crc` and `*.manifest.json`.
   */
  readonly include?: string | readonly string[] | undefined;
  /**
   * Patterns of the files to leave out. They have the form of `include`, but their wildcards also match a leading dot.
   * Default: none.
   */
  readonly exclude?: string | readonly string[] | undefined;
}

const patterns = lazy(() =>
  z.union([z.string().min(1), z.array(z.string().min(1))], {
    error: 'expected a pattern, or an array of patterns',
  }),
);

export const filterFields = lazy(() => ({
  include: patterns()
    .optional()
    .describe(
      'Patterns of the files to read, relative to the folder. The name of a folder matches all files in the folder. Default: all except hidden files, _SUCCESS, *.crc and *.manifest.json. Has no effect in Pipe mode.',
    ),
  exclude: patterns()
    .optional()
    .describe(
      'Patterns of the files to leave out, relative to the folder. The name of a folder matches all files in the folder. Has no effect in Pipe mode.',
    ),
}));

const SET_OPTIONS =
  "To read these files, set include. For hidden files, the pattern must contain the dot, as in '**/.*'. " +
  'To leave these files out without this warning, set exclude.';

/** Filters the files of folders and patterns. Never excludes a file that the user named. */
export class FileFilter {
  readonly #caller: string | undefined;
  readonly #remedy: string;
  readonly #include: string[] | undefined;
  readonly #exclude: string[];
  #hasWarned = false;

  /**
   * @param caller - the name of the function in the warning. If `undefined`, there is no warning.
   * @param remedy - the remedy at the end of the warning. Default: set `include` or `exclude`.
   */
  constructor(caller: string | undefined, { include, exclude = [] }: FileFilterOptions, remedy = SET_OPTIONS) {
    this.#caller = caller;
    this.#remedy = remedy;
    if (include !== undefined) this.#include = [include].flat().map(withContents);
    this.#exclude = [exclude].flat().map(withContents);
  }

  /** Warns once about files that are left out by default. */
  async select(listing: FileListing): Promise<readonly RecordFile[]> {
    const { kind, base, files } = listing;
    if (kind === 'file') return files;
    const isIncluded = this.#include && (await globMatcher(this.#include));
    const isExcluded = this.#exclude.length > 0 && (await globMatcher(this.#exclude, { dot: true }));
    const leftOut: string[] = [];
    const selected = files.filter((file) => {
      const name = nameInListing(listing, file);
      if (isExcluded && isExcluded(name)) return false;
      if (isIncluded) return isIncluded(name);
      const isRead = kind === 'pattern' || !isByproduct(name);
      if (!isRead) leftOut.push(name);
      return isRead;
    });
    const reported = withoutOwnManifests(leftOut, selected);
    if (reported.length > 0) this.#warn(base, reported);
    return selected;
  }

  #warn(base: string, names: readonly string[]): void {
    if (this.#hasWarned || this.#caller === undefined) return;
    this.#hasWarned = true;
    warnLeftOut(this.#caller, { base, names, remedy: this.#remedy });
  }
}

export function warnLeftOut(
  caller: string,
  { base, names, remedy }: { readonly base: string; readonly names: readonly string[]; readonly remedy: string },
): void {
  const files = names.length === 1 ? 'a file' : `${names.length} files`;
  warn('MILLRACE_LEFT_OUT', `${caller}: left out ${files} of ${quote(base)}: ${quoteNames(names)}. ${remedy}`);
}

/**
 * Removes the manifests that `writeRecords` wrote beside the selected files, because these manifests need no warning.
 */
function withoutOwnManifests(names: readonly string[], selected: readonly RecordFile[]): readonly string[] {
  if (!names.some((name) => name.endsWith('.manifest.json'))) return names;
  const own = new Set(selected.flatMap(({ path }) => manifestNamesOf(basename(path))));
  return names.filter((name) => !own.has(basename(name)));
}

/** Changes a pattern that ends in a name, so that the pattern also matches all files in a folder with this name. */
function withContents(pattern: string): string {
  if (pattern.endsWith('/')) return `${pattern}**/*`;
  const isName = !/[*?[\]{}()\\]/.test(pattern.slice(pattern.lastIndexOf('/') + 1));
  // `sub/**` matches `sub` too.
  return isName ? `${pattern}/**` : pattern;
}

/**
 * Returns true for hidden files and folders, and for files that Spark, Hadoop and `writeRecords` write beside the data.
 */
function isByproduct(name: string): boolean {
  return /(?:^|\/)\.|\.crc$|\.manifest\.json$/.test(name) || basename(name) === '_SUCCESS';
}
