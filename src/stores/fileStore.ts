import { constants, type BigIntStats } from 'node:fs';
import { open, stat, type FileHandle } from 'node:fs/promises';
import { abortReasonOr } from '../base/abortReasonOr.js';
import { ChannelError, MillraceError } from '../base/errors.js';
import { localPath } from '../base/localPath.js';
import { callback, parseOptions } from '../base/parseOptions.js';
import { createFile, removeFile, removeTemporaryFiles } from './fileWriter.js';
import { listFolder } from './listFolder.js';
import { objectChanged } from './objectErrors.js';
import { parseCallOptions, parseCreateOptions, parseReadOptions, requireRange } from './requireRange.js';
import type {
  ObjectWriter,
  StoreCreateOptions,
  StoredObject,
  StoreReadOptions,
  StoreRequestOptions,
  WritableStore,
} from './store.js';

/**
 * The files of this machine as a {@link WritableStore}.
 *
 * ```ts
 * import { fileStore } from 'millrace';
 *
 * const store = fileStore();
 * for await (const { url, byteLength } of store.list('data/train/')) console.log(url, byteLength);
 * ```
 *
 * `list('data/tr')` lists the regular files whose path begins with `data/tr`, including hidden files and files in
 * subfolders. Follows symbolic links. Each `read` opens and closes the file. Memory: the range, and for a listing the
 * names of one folder at each level.
 *
 * `create` creates a missing folder, and writes to a temporary file in this folder, such as
 * `.part-00000.tfrecord.9f86d081884c7d65.millrace-tmp`. `finish` flushes the file to the disk (`fsync`) and renames it.
 * With `exclusive`, `finish` creates a hard link, which fails if the name exists. On a file system without hard links,
 * such as FAT, `finish` first checks the name and then renames the file. So one of two writers may replace the file of
 * the other.
 *
 * `list` returns nothing if no file in the folder has the prefix. `create` rejects with a ConfigError if the path is a
 * FIFO, a socket or a device, because the new file would replace it. If a folder cannot be listed, or a file cannot be
 * read, written or removed, the methods reject with a ChannelError with an `errno`.
 */
export function fileStore(): WritableStore {
  return {
    schemes: [],
    list: listFiles,
    read: readFile,
    create: createObject,
    async remove(path, options = {}) {
      parseOptions('fileStore: remove', localPath(), path);
      parseCallOptions('fileStore: remove', options).signal?.throwIfAborted();
      await removeFile(path);
    },
    async removeUnfinished(prefix, shouldRemove, options = {}) {
      parseOptions('fileStore: removeUnfinished', localPath(), prefix);
      parseOptions('fileStore: removeUnfinished', callback<typeof shouldRemove>(), shouldRemove);
      parseCallOptions('fileStore: removeUnfinished', options).signal?.throwIfAborted();
      await removeTemporaryFiles(prefix, shouldRemove);
    },
  };
}

async function createObject(path: string, options: StoreCreateOptions = {}): Promise<ObjectWriter> {
  parseOptions('fileStore: create', localPath(), path);
  return createFile(path, parseCreateOptions('fileStore: create', options));
}

async function* listFiles(prefix: string, options: StoreRequestOptions = {}): AsyncGenerator<StoredObject> {
  parseOptions('fileStore: list', localPath(), prefix);
  const { signal } = parseCallOptions('fileStore: list', options);
  for await (const { path, stats } of listFolder(prefix, signal)) {
    yield objectOf(path, stats);
  }
}

/** Returns `undefined` if the path is not a regular file. Rejects if the path does not exist. */
export async function fileObject(path: string): Promise<StoredObject | undefined> {
  const stats = await stat(path, { bigint: true });
  return stats.isFile() ? objectOf(path, stats) : undefined;
}

function objectOf(path: string, stats: BigIntStats): StoredObject {
  return { url: path, byteLength: Number(stats.size), version: versionOf(stats), hasRanges: true };
}

async function readFile(
  object: StoredObject,
  start: number,
  end: number,
  options: StoreReadOptions = {},
): Promise<Uint8Array> {
  requireRange('fileStore: read', object, start, end);
  const { signal, into } = parseReadOptions('fileStore: read', options, end - start);
  signal?.throwIfAborted();
  let file: FileHandle | undefined;
  try {
    // Without O_NONBLOCK, opening a FIFO by mistake would block a thread until a writer appears.
    file = await open(object.url, constants.O_RDONLY | constants.O_NONBLOCK);
    await requireVersion(file, object);
    const bytes = into ?? new Uint8Array(Buffer.allocUnsafeSlow(end - start).buffer);
    for (let filled = 0; filled < bytes.length;) {
      signal?.throwIfAborted();
      const { bytesRead } = await file.read(bytes, filled, bytes.length - filled, start + filled);
      if (bytesRead === 0) throw objectChanged(object, `it ends at byte ${start + filled}`);
      filled += bytesRead;
    }
    // The file may have changed during the read.
    await requireVersion(file, object);
    return bytes;
  } catch (error) {
    throw abortReasonOr(signal, error instanceof MillraceError ? error : cannotRead(object.url, error as Error));
  } finally {
    await file?.close();
  }
}

function versionOf({ size, mtimeNs }: BigIntStats): string {
  return `${size} bytes, ${mtimeNs} ns`;
}

async function requireVersion(file: FileHandle, object: StoredObject): Promise<void> {
  const found = versionOf(await file.stat({ bigint: true }));
  if (object.version !== undefined && object.version !== found) {
    throw objectChanged(object, `expected ${object.version}, found ${found}`);
  }
}

export function cannotRead(path: string, cause: NodeJS.ErrnoException): ChannelError {
  return new ChannelError(`Cannot read the file ${path}: ${cause.message}.`, {
    code: 'ERR_CHANNEL_IO',
    path,
    errno: cause.code,
    cause,
  });
}
