import { stat } from 'node:fs/promises';
import { ChannelError, ConfigError } from '../../base/errors.js';
import { urlScheme } from '../../base/localPath.js';
import { choosePlaces, type Place } from '../../pipeline/records/chooseStore.js';
import { FileFilter } from '../../pipeline/records/fileFilter.js';
import { listPlace } from '../../pipeline/records/listPlace.js';
import type { FileListing, RecordFile } from '../../pipeline/records/recordFile.js';
import { shownUrl } from '../../stores/objectErrors.js';
import { commandStore } from '../commandStores.js';

/** A file, an object of a store, a FIFO, or `-` for standard input. */
export interface FoundInput extends RecordFile {
  readonly bytes: number | undefined;
  /** True if the command line contains this path, false if a pattern or a folder selected it. */
  readonly isNamed: boolean;
}

export interface InputFailure {
  readonly path: string;
  readonly error: unknown;
}

/**
 * Returns the inputs in the order of `recordsFromFiles`.
 *
 * @param onFailure - called with the ChannelError of a pattern that matches nothing or cannot be listed. Default:
 *   rejects with this error.
 * @throws ConfigError (as a rejection) if a pattern begins with `~`, or if no store can read a URL.
 */
export async function findInputs(
  patterns: readonly string[],
  onFailure?: (failure: InputFailure) => void,
): Promise<FoundInput[]> {
  const stores = patterns.some((pattern) => urlScheme(pattern) === 's3') ? [await commandStore('s3')] : [];
  const { places, problem } = choosePlaces(patterns, stores);
  if (problem !== undefined) throw new ConfigError(`inspect: ${problem}`, { path: 'input' });
  const filter = new FileFilter(
    'inspect',
    {},
    "To inspect these files, name them by path or pattern, as in 'data/**/.*'.",
  );
  const found = await Promise.allSettled(places.map((place) => filesOf(place, filter)));
  const files = found.flatMap((result, index) => {
    if (result.status === 'fulfilled') return result.value;
    if (!onFailure) throw result.reason;
    onFailure({ path: shownUrl(patterns[index] ?? ''), error: result.reason });
    return [];
  });
  return Promise.all(
    files.map(async (file) => ({ ...file, bytes: await bytesOf(file), isNamed: patterns.includes(file.path) })),
  );
}

async function filesOf(place: Place, filter: FileFilter): Promise<readonly RecordFile[]> {
  const { pattern, store } = place;
  if (pattern === '-') return [{ path: pattern }];
  const listing = await listPlace(place).catch((error: unknown): FileListing => {
    // The reader reports a missing file with a better message.
    const isMissing = error instanceof ChannelError && error.errno === 'ENOENT' && error.path === pattern;
    if (isMissing && !store) return { kind: 'file', base: '', files: [{ path: pattern }] };
    throw error;
  });
  const files = await filter.select(listing);
  if (files.length > 0) return files;
  const path = shownUrl(pattern);
  const message = `No ${store ? 'object' : 'file'} matches ${path}. A folder matches all files in it that are not hidden, and ** matches any number of folders.`;
  throw new ChannelError(message, { code: 'ERR_CHANNEL_EMPTY', path });
}

async function bytesOf({ path, stored }: RecordFile): Promise<number | undefined> {
  if (stored) return stored.object.byteLength;
  const stats = path === '-' ? undefined : await stat(path).catch(() => undefined);
  return stats?.isFile() ? stats.size : undefined;
}
