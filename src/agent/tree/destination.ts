import { copyFile, lstat, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { ConfigError } from '../../base/errors.js';
import { mapConcurrently } from '../../base/mapConcurrently.js';
import type { WritableStore } from '../../stores/store.js';
import { isFolderMarker } from '../../stores/storeUrl.js';
import type { ChannelObject } from '../data/channelObject.js';
import { channelObject } from '../data/listPrefix.js';
import { openRegularFile } from '../data/openRegularFile.js';
import { requireFileNames } from '../data/requireFileNames.js';
import { STORE_KEY } from '../job/checkpointConfig.js';
import { isStored, type Fault, type Location, type StoredPlace } from '../job/locate.js';
import { Downloads } from './downloads.js';

/** The suffix of a file while it is being copied. If the agent is killed, this file remains. */
const PART = '.millrace-part';

const CHUNK_BYTES = 1024 * 1024;

export interface WritablePlace extends StoredPlace {
  readonly store: WritableStore;
}

export type WrittenPlace = Exclude<Location, StoredPlace> | WritablePlace;

/** A folder, or a prefix in a store. Readers never see an incomplete file. */
export interface Destination {
  /** The path or the URL. */
  readonly name: string;
  /** The maximum number of simultaneous copies. */
  readonly concurrency: number;
  /** Copies all files to a local folder. Returns their keys. */
  readonly fetchInto: (local: string, signal: AbortSignal | undefined) => Promise<readonly string[]>;
  /**
   * Copies the local file at `path`, if it still exists. An upload calls `onBytes` with the size of each written part.
   */
  readonly put: (path: string, key: string, onBytes?: (count: number) => void) => Promise<void>;
}

/**
 * @param host - used in the names of unfinished files, because all hosts write to the same folder.
 * @param signal - ends the uploads of `put`.
 */
export function destinationAt(place: WrittenPlace, host: string, signal: AbortSignal | undefined): Destination {
  return isStored(place) ? inStore(place, signal) : inFolder(place.path, `.${host}${PART}`);
}

function inFolder(folder: string, suffix: string): Destination {
  return {
    name: folder,
    concurrency: 16,
    fetchInto: async (local) => {
      const keys = (await filesBelow(folder)).filter((key) => !key.endsWith(PART));
      await mapConcurrently(keys, async (key) => {
        const target = join(local, key);
        await mkdir(dirname(target), { recursive: true });
        await copyFile(join(folder, key), target);
      });
      return keys;
    },
    put: async (path, key) => {
      await refuseLinks(folder, key);
      await copyWhole(path, join(folder, key), suffix);
    },
  };
}

function inStore({ store, url }: WritablePlace, putSignal: AbortSignal | undefined): Destination {
  const fault: Fault = (message, cause) =>
    new ConfigError(`the checkpoints: ${message} (${STORE_KEY})`, { path: STORE_KEY, cause });
  return {
    name: url,
    // Each writer may have several parts in memory.
    concurrency: 4,
    fetchInto: async (local, signal) => {
      const objects: ChannelObject[] = [];
      for await (const object of store.list(url, { signal })) {
        if (isFolderMarker(object)) continue;
        objects.push(channelObject({ store, url }, object, { key: object.url.slice(url.length), fault }));
      }
      requireFileNames(objects, fault);
      const files = new Map(objects.map((object) => [join(local, object.key), object]));
      await mapConcurrently([...files.keys()], (path) => mkdir(dirname(path), { recursive: true }));
      await new Downloads(objects, { signal, onDownload: undefined }).download(files);
      return objects.map(({ key }) => key);
    },
    put: (path, key, onBytes) => upload(path, { store, url: url + key }, { signal: putSignal, onBytes }),
  };
}

/** A link may lead to the data of the job, which the copy would change. */
async function refuseLinks(folder: string, key: string): Promise<void> {
  for (let at = key.indexOf(sep); at >= 0; at = key.indexOf(sep, at + 1)) {
    const path = join(folder, key.slice(0, at));
    const stats = await lstat(path).catch(() => undefined);
    if (stats === undefined) return;
    if (!stats.isSymbolicLink()) continue;
    const problem = `expected a folder at ${path}, found a symbolic link, and files are not written through links`;
    throw new Error(`${problem}. Replace the link with a folder`);
  }
}

async function copyWhole(path: string, target: string, suffix: string): Promise<void> {
  const part = target + suffix;
  await mkdir(dirname(target), { recursive: true });
  try {
    await copyFile(path, part);
    await rename(part, target);
  } catch (error) {
    await rm(part, { force: true });
    // The training may remove an old checkpoint at any time.
    if (!isGone(error)) throw error;
  }
}

interface UploadOptions {
  readonly signal: AbortSignal | undefined;
  readonly onBytes: ((count: number) => void) | undefined;
}

async function upload(path: string, { store, url }: WritablePlace, { signal, onBytes }: UploadOptions): Promise<void> {
  const file = await openRegularFile(path).catch((error: unknown) => {
    if (!isGone(error)) throw error;
  });
  if (!file) return;
  try {
    // Without this limit, the upload would never end if the file grows faster than it is read.
    const { size } = await file.stat();
    const writer = await store.create(url, { signal });
    try {
      for (let left = size; left > 0;) {
        const buffer = Buffer.allocUnsafeSlow(Math.min(left, CHUNK_BYTES));
        const { bytesRead } = await file.read({ buffer });
        if (bytesRead === 0) break;
        await writer.write(buffer.subarray(0, bytesRead));
        left -= bytesRead;
        onBytes?.(bytesRead);
      }
      await writer.finish();
    } catch (error) {
      await writer.abort();
      throw error;
    }
  } finally {
    await file.close();
  }
}

/**
 * Lists all files as paths relative to the folder. Does not use `readdir` with `recursive`, which fails if the training
 * removes a subfolder at the same time.
 */
export async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    if (isGone(error)) return [];
    throw error;
  });
  const found = entries.map(async (entry) => {
    const { name } = entry;
    if (!entry.isDirectory()) return entry.isFile() ? [name] : [];
    return (await filesBelow(join(folder, name))).map((key) => join(name, key));
  });
  return (await Promise.all(found)).flat();
}

const isGone = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT';
