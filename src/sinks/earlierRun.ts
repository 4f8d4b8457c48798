import { basename } from 'node:path/posix';
import { ConfigError } from '../base/errors.js';
import { listAll } from '../stores/listAll.js';
import type { StoredObject, WritableStore } from '../stores/store.js';
import { FOREIGN, loadManifest, type Manifest } from './manifest.js';
import type { ShardPattern } from './shardPattern.js';

export interface EarlierRunOptions {
  readonly store: WritableStore;
  readonly pattern: ShardPattern;
  readonly resume: boolean;
  readonly overwrite: boolean;
  readonly signal: AbortSignal | undefined;
}

export interface EarlierRun {
  /** The manifest to continue: that of the resumed run, otherwise `fresh`. */
  readonly manifest: Manifest;
  readonly isResumed: boolean;
  /** The existing files of the pattern that are not in `manifest`. The new run replaces or removes them. */
  readonly stale: readonly string[];
}

/**
 * Finds the files and the manifest of an earlier run, and removes its unfinished files.
 *
 * @param fresh - the manifest of the new run, which has no files yet.
 * @throws ConfigError if the new run must not replace the earlier run's files, or cannot resume the earlier run.
 */
export async function findEarlierRun(fresh: Manifest, options: EarlierRunOptions): Promise<EarlierRun> {
  const { store, pattern, resume, overwrite, signal } = options;
  const files = (await listAll(store, pattern.prefix, signal)).filter(({ url }) => pattern.matches(url));
  const found = (await listAll(store, pattern.manifestPath, signal)).find(({ url }) => url === pattern.manifestPath);
  const earlier = found && (await manifestOf(found, options));
  if (earlier) requireSameName(pattern.manifestPath, earlier, fresh);
  if (!overwrite && !(resume && found)) requireNone(files, found);
  const manifest = resume && earlier ? continued(earlier, fresh, pattern) : undefined;
  if (manifest) requireFiles(manifest, files, pattern);
  await store.removeUnfinished(pattern.prefix, pattern.matches, { signal });
  await store.removeUnfinished(pattern.manifestPath, (url) => url === pattern.manifestPath, { signal });
  const kept = new Set(manifest?.files.map((_, index) => pattern.pathOf(index)));
  return {
    manifest: manifest ?? fresh,
    isResumed: manifest !== undefined,
    stale: files.map(({ url }) => url).filter((url) => !kept.has(url)),
  };
}

/** Returns `undefined` if the manifest is damaged. With `resume`, rejects instead. */
async function manifestOf(
  object: StoredObject,
  { store, resume, signal }: EarlierRunOptions,
): Promise<Manifest | undefined> {
  try {
    return await loadManifest(store, object, signal);
  } catch (error) {
    if (resume || !(error instanceof ConfigError) || error.path === FOREIGN) throw error;
    return undefined;
  }
}

function requireNone(files: readonly StoredObject[], manifest: StoredObject | undefined): void {
  const [first = manifest] = files;
  if (!first) return;
  const more = files.length > 1 ? ` and ${files.length - 1} more` : '';
  const remedy = manifest
    ? 'Set resume: true to continue an interrupted run, or overwrite: true to replace its files'
    : 'Set overwrite: true to replace these files. The files have no manifest, so the run cannot be resumed';
  throw new ConfigError(`writeRecords: files of another run exist: ${first.url}${more}. ${remedy}.`, {
    path: 'overwrite',
  });
}

/** Replaces the paths, because the pattern may now be relative to a different folder. */
function continued(earlier: Manifest, fresh: Manifest, { manifestPath, pathOf }: ShardPattern): Manifest {
  requireSameSettings(manifestPath, earlier, fresh);
  const files = earlier.files.map((file, index) => ({ ...file, path: pathOf(index) }));
  return { ...earlier, pattern: fresh.pattern, files };
}

/** The manifests of `a-{shard}`, `a_{shard}` and `a` have the same name. */
function requireSameName(path: string, earlier: Manifest, now: Manifest): void {
  if (basename(earlier.pattern) === basename(now.pattern)) return;
  const message = `writeRecords: pattern: ${path} belongs to a run that wrote ${earlier.pattern}, found ${now.pattern}. To resume or replace that run, use its pattern. For a new run, use a different name or folder.`;
  throw new ConfigError(message, { path: 'pattern' });
}

const SETTINGS = ['recordFormat', 'compression', 'recordsPerFile', 'bytesPerFile'] as const;

function requireSameSettings(path: string, earlier: Manifest, now: Manifest): void {
  const changed = SETTINGS.find((setting) => earlier[setting] !== now[setting]);
  if (changed === undefined) return;
  const [before = 'nothing', after = 'nothing'] = [earlier[changed], now[changed]];
  const message = `writeRecords: ${changed}: expected ${before}, found ${after}. The value must be the same as in the earlier run (${path}). Resume with the same options, or set overwrite: true.`;
  throw new ConfigError(message, { path: changed });
}

function requireFiles({ files }: Manifest, objects: readonly StoredObject[], pattern: ShardPattern): void {
  const sizes = new Map(objects.map(({ url, byteLength }) => [url, byteLength]));
  for (const [index, { bytes }] of files.entries()) {
    const path = pattern.pathOf(index);
    if (sizes.get(path) === bytes) continue;
    const found = sizes.has(path) ? `${sizes.get(path) ?? 'unknown'} bytes` : 'no file';
    const message = `writeRecords: ${path}: expected ${bytes} bytes, as ${pattern.manifestPath} says, found ${found}. Set overwrite: true instead of resume, to write all files again.`;
    throw new ConfigError(message, { path: 'resume' });
  }
}
