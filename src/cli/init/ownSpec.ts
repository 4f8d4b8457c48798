import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';

interface LockFile {
  readonly packages?: Readonly<Record<string, { readonly resolved?: string } | undefined>>;
}

/** The source from which `npm install` can install this package again. */
export interface OwnSpec {
  readonly spec: string;
  /** False if it is not known where this package was installed from, for example after `npm install -g`. */
  readonly isKnown: boolean;
}

/**
 * Returns a `file:` path, git URL or tarball URL if the package was installed from there, and otherwise a version
 * range.
 *
 * @param folder - the folder of this package. If it is not directly inside `node_modules`, the package is a clone, and
 *   the result is the path of this folder.
 */
export function ownSpec(folder: string, version: string): OwnSpec {
  const modules = dirname(folder);
  if (basename(modules) !== 'node_modules') return { spec: `file:${folder}`, isKnown: true };
  const resolved = resolvedIn(join(modules, '.package-lock.json'), `node_modules/${basename(folder)}`);
  if (resolved?.startsWith('file:')) {
    const path = resolve(dirname(modules), resolved.slice('file:'.length));
    if (existsSync(path)) return { spec: `file:${path}`, isKnown: true };
  } else if (resolved !== undefined && URL.canParse(resolved)) {
    // Tarballs of registries are at /-/name.tgz. Any other URL is the source of exactly this package.
    return { spec: /\/-\/[^/]+\.tgz$/.test(new URL(resolved).pathname) ? `^${version}` : resolved, isKnown: true };
  }
  return { spec: `^${version}`, isKnown: false };
}

function resolvedIn(lockFile: string, key: string): string | undefined {
  try {
    return (JSON.parse(readFileSync(lockFile, 'utf8')) as LockFile).packages?.[key]?.resolved;
  } catch {
    return undefined;
  }
}
