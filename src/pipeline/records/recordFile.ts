import { relative } from 'node:path';
import type { Observable } from 'rxjs';
import type { InputFile } from '../../formats/framing/formatDefinition.js';
import { fileBytes } from '../../sources/fromFile.js';
import { shownUrl } from '../../stores/objectErrors.js';
import { openRanges, type OpenRanges, type RangeWindowOptions } from '../../stores/rangeWindow.js';
import type { Store, StoredObject } from '../../stores/store.js';
import type { StoredIn } from '../../stores/storedIn.js';
import { objectBytes } from '../../stores/storeBytes.js';
import { rootOf } from '../../stores/storeUrl.js';

export interface RecordFile extends InputFile {
  readonly stored?: StoredIn | undefined;
}

/** The files that a path, URL or pattern selects. */
export interface FileListing {
  /** `folder` may be a prefix of a store. */
  readonly kind: 'file' | 'folder' | 'pattern';
  /** The folder, or the last folder before the wildcards. */
  readonly base: string;
  /** Sorted by the bytes of their paths. */
  readonly files: readonly RecordFile[];
}

/** The files of a listing that are read. */
export interface Selection {
  readonly listing: FileListing;
  readonly files: readonly RecordFile[];
}

/** Returns the path of a file relative to the base of its listing. */
export function nameInListing({ base }: FileListing, { path, stored }: RecordFile): string {
  return stored ? path.slice(base.length + 1) : relative(base, path);
}

const LOCAL = 'files';

export function storedFile(store: Store, object: StoredObject): RecordFile {
  return { path: shownUrl(object.url), stored: { store, object } };
}

/**
 * Reads a file or an object. The name of this source in reports is `files`, or the bucket or HTTP host of the object.
 *
 * @param ranges - a function that opens the ranges of an object from `start`, or the options for reading ranges.
 */
export function bytesOfFile(
  file: RecordFile,
  ranges: RangeWindowOptions | OpenRanges,
  start = 0,
): Observable<Uint8Array> {
  const { path, stored } = file;
  if (!stored) return fileBytes(path, { start, name: LOCAL });
  const open = typeof ranges === 'function' ? ranges : openRanges(stored, ranges, start);
  return objectBytes(stored, { name: rootOf(path) || LOCAL, start, open });
}
