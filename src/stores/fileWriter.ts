import { existsSync } from 'node:fs';
import { link, lstat, mkdir, open, readdir, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { nodeCrypto } from '../base/nodeCrypto.js';
import { abortReasonOr } from '../base/abortReasonOr.js';
import { ChannelError, ConfigError, MillraceError } from '../base/errors.js';
import { objectExists } from './objectErrors.js';
import type { ObjectWriter, StoreCreateOptions } from './store.js';

/** The name of an unfinished file, hidden from patterns such as `*`. Each writer chooses a random name. */
const TEMPORARY_NAME = /^\.(.+)\.[0-9a-f]{16}\.millrace-tmp$/s;

const REMEDIES: Readonly<Record<string, string>> = {
  EACCES: 'Make the folder writable for this user.',
  EDQUOT: 'The disk quota of this user is used up: delete files.',
  EEXIST: 'A part of the path is a file: use a different path.',
  EFBIG: 'The file system does not allow a file of this size: write smaller files.',
  EISDIR: 'A folder with this name exists: use a different path.',
  ENAMETOOLONG: 'Use a shorter name. The temporary name has 31 more characters.',
  ENOENT: 'The folder has been removed.',
  ENOSPC: 'The disk is full: delete files, or use a different disk.',
  ENOTDIR: 'A part of the path is a file: use a different path.',
  ENOTEMPTY: 'A folder with this name exists: use a different path.',
  EPERM: 'Make the folder writable for this user.',
  EROFS: 'The file system is read-only: use a different path.',
};

class FileWriter implements ObjectWriter {
  readonly #path: string;
  readonly #temporary: string;
  readonly #signal: AbortSignal | undefined;
  readonly #isExclusive: boolean;
  #file: FileHandle | undefined;

  constructor(path: string, { signal, exclusive = false }: StoreCreateOptions) {
    const name = `.${basename(path)}.${nodeCrypto().randomBytes(8).toString('hex')}.millrace-tmp`;
    this.#path = path;
    this.#temporary = join(dirname(path), name);
    this.#signal = signal;
    this.#isExclusive = exclusive;
  }

  async open(): Promise<this> {
    await this.#explainErrors(async () => {
      await refuseOtherThanFile(this.#path);
      await mkdir(dirname(this.#path), { recursive: true });
      this.#file = await open(this.#temporary, 'wx');
    });
    return this;
  }

  async write(bytes: Uint8Array): Promise<void> {
    await this.#explainErrors(async () => {
      for (let written = 0; written < bytes.length;) {
        this.#signal?.throwIfAborted();
        written += (await this.#opened.write(bytes, written)).bytesWritten;
      }
    });
  }

  async finish(): Promise<void> {
    await this.#explainErrors(async () => {
      await this.#opened.sync();
      await this.#close();
      await (this.#isExclusive ? renameToNew : rename)(this.#temporary, this.#path);
      await flushFolder(dirname(this.#path));
    });
  }

  async abort(): Promise<void> {
    await this.#close().catch(() => undefined);
    await rm(this.#temporary, { force: true }).catch(() => undefined);
  }

  get #opened(): FileHandle {
    if (this.#file) return this.#file;
    throw new ConfigError(`The writer of ${this.#path} is already closed.`, { path: '' });
  }

  async #close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close();
  }

  async #explainErrors(work: () => Promise<void>): Promise<void> {
    this.#signal?.throwIfAborted();
    await work().catch((error: unknown) => {
      const isClear = error instanceof MillraceError;
      const hasFolder = existsSync(dirname(this.#temporary));
      throw abortReasonOr(this.#signal, isClear ? error : cannotWrite(this.#path, error as Error, hasFolder));
    });
  }
}

export async function createFile(path: string, options: StoreCreateOptions): Promise<ObjectWriter> {
  return new FileWriter(path, options).open();
}

const NO_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']);

/** A rename would replace an existing file. A link is also atomic, but fails if the name exists. */
async function renameToNew(from: string, path: string): Promise<void> {
  try {
    await link(from, path);
  } catch (cause) {
    const { code: errno = '' } = cause as NodeJS.ErrnoException;
    if (errno !== 'EEXIST' && !NO_LINKS.has(errno)) throw cause;
    const found = await lstat(path).catch(() => undefined);
    // For a folder, the error of the rename is clearer.
    if (found && !found.isDirectory()) throw objectExists(path, { errno: 'EEXIST', status: undefined, cause });
    await rename(from, path);
    return;
  }
  await rm(from);
}

/** Rejects if the path is a FIFO or a device, which the final rename would replace, or a folder. */
async function refuseOtherThanFile(path: string): Promise<void> {
  const stats = await stat(path).catch(() => undefined);
  if (stats === undefined || stats.isFile()) return;
  if (stats.isDirectory()) throw Object.assign(new Error('the path is a folder'), { code: 'EISDIR' });
  const kind = stats.isFIFO() ? 'a FIFO' : stats.isSocket() ? 'a socket' : 'a device';
  const message = `fileStore: create: expected a new or a regular file, found ${kind}: ${path}. Use a different path`;
  throw new ConfigError(message, { path: 'path' });
}

/** Without this flush, a new name in the folder may be lost in a crash. */
async function flushFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

export async function removeFile(path: string): Promise<void> {
  await rm(path, { force: true }).catch((error: unknown) => {
    throw failureAt(`Cannot remove the file ${path}`, path, error as NodeJS.ErrnoException);
  });
}

export async function removeTemporaryFiles(prefix: string, shouldRemove: (path: string) => boolean): Promise<void> {
  const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1);
  const names = await readdir(folder === '' ? '.' : folder).catch((error: unknown) => {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return [];
    throw failureAt(`Cannot list the folder ${folder}`, folder, error as NodeJS.ErrnoException);
  });
  for (const name of names) {
    const path = `${folder}${TEMPORARY_NAME.exec(name)?.[1] ?? ''}`;
    if (path !== folder && path.startsWith(prefix) && shouldRemove(path)) await removeFile(`${folder}${name}`);
  }
}

const REMOVED_BY_OTHER_RUN =
  'The temporary file has been removed. Another run probably writes the same pattern, and two such runs must not run ' +
  'at the same time: use a different name or folder for each run.';

function cannotWrite(path: string, cause: NodeJS.ErrnoException, hasFolder: boolean): ChannelError {
  const remedy = cause.code === 'ENOENT' && hasFolder ? REMOVED_BY_OTHER_RUN : undefined;
  return failureAt(`Cannot write the file ${path}`, path, cause, remedy);
}

function failureAt(subject: string, path: string, cause: NodeJS.ErrnoException, remedy?: string): ChannelError {
  const { code: errno, message } = cause;
  const text = `${subject}: ${message}. ${remedy ?? REMEDIES[errno ?? ''] ?? ''}`.trimEnd();
  return new ChannelError(text, { code: 'ERR_CHANNEL_IO', path, errno, cause });
}
