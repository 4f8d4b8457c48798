import { ChannelError, ConfigError } from '../../base/errors.js';
import { mapConcurrently } from '../../base/mapConcurrently.js';
import { cannotRead, fileObject, fileStore } from '../../stores/fileStore.js';
import { shownUrl } from '../../stores/objectErrors.js';
import type { Store, StoredObject } from '../../stores/store.js';
import { isSizedRangeObject } from '../../stores/storedIn.js';
import { choosePlaces } from '../records/chooseStore.js';
import { FileFilter, type FileFilterOptions } from '../records/fileFilter.js';
import { nameInListing, type RecordFile } from '../records/recordFile.js';
import { filesOfPlace } from '../records/recordsFromFiles.js';

/** A file or object whose blocks can be read in any order. */
export interface BlockFile extends RecordFile {
  readonly name: string;
  readonly byteLength: number;
  readonly version: string | undefined;
  readonly stored: { readonly store: Store; readonly object: StoredObject };
}

export interface BlockFileOptions extends FileFilterOptions {
  readonly patterns: string | readonly string[];
  readonly store?: Store | readonly Store[] | undefined;
}

/**
 * Returns a function that lists the files that match the patterns.
 *
 * @throws ConfigError if a URL has no store. The returned function rejects with a ChannelError if a file cannot be read
 *   in blocks.
 */
export function blockFilesOf(
  caller: string,
  { patterns, store, ...filtering }: BlockFileOptions,
): (signal?: AbortSignal) => Promise<readonly BlockFile[]> {
  const { places, problem } = choosePlaces(patterns, store);
  if (problem !== undefined)
    throw new ConfigError(`${caller}: patterns: ${problem}`, {
      path: 'patterns',
    });
  const filter = new FileFilter(caller, filtering);
  return async (signal) => {
    const selections = await mapConcurrently(places, (place) => filesOfPlace(place, filter, signal), signal);
    const files = selections.flatMap(({ listing, files: selected }) => {
      return selected.map((file) => ({
        ...file,
        name: nameInListing(listing, file),
      }));
    });
    return mapConcurrently(files, blockFileOf, signal);
  };
}

const local = fileStore();

async function blockFileOf(file: RecordFile & { readonly name: string }): Promise<BlockFile> {
  const { path } = file;
  const stored = file.stored ?? {
    store: local,
    object: await localObject(path),
  };
  const { object } = stored;
  if (!isSizedRangeObject(object)) {
    throw unseekable(path, 'its server does not support ranges. Copy the object to a file or a bucket');
  }
  return {
    ...file,
    stored,
    byteLength: object.byteLength,
    version: object.version,
  };
}

async function localObject(path: string): Promise<StoredObject> {
  const object = await fileObject(path).catch((error: unknown) => {
    throw cannotRead(path, error as NodeJS.ErrnoException);
  });
  if (object) return object;
  throw unseekable(path, 'it is a FIFO or a device, not a regular file. Copy its data to a file');
}

/** @param why - the reason, and the remedy. */
export function unseekable(path: string, why: string): ChannelError {
  const shown = shownUrl(path);
  const message = `Cannot read blocks of ${shown}: ${why}, or read it with recordsFromFiles() and shuffle().`;
  return new ChannelError(message, { code: 'ERR_CHANNEL_IO', path: shown });
}
