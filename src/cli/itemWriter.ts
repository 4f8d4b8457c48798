import { once } from 'node:events';
import { constants, open, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { finished } from 'node:stream/promises';
import type { Writable } from 'node:stream';
import { ConfigError, MillraceError } from '../base/errors.js';
import { jsonOf } from './jsonOf.js';
import { reasonOfFailure } from '../base/reasonOfFailure.js';

export const STANDARD_OUTPUT = '-';

/**
 * Writes lines of JSON at the speed of the target. A regular file keeps its content until the first item is written.
 */
export interface ItemWriter {
  /** Resolves when the target accepts more items. Rejects with a MillraceError `ERR_OUTPUT` if the target failed. */
  readonly write: (item: unknown) => Promise<void>;
  /** Returns the number of bytes written. Rejects like `write`. */
  readonly end: (how: 'completed' | 'failed') => Promise<number>;
}

/**
 * Opens a file, or standard output for `-`.
 *
 * @throws ConfigError if the file cannot be opened.
 */
export async function openItemWriter(to: string): Promise<ItemWriter> {
  const isStandard = to === STANDARD_OUTPUT;
  const file = isStandard ? undefined : await openFile(to);
  const target: Writable = file?.createWriteStream() ?? process.stdout;
  let failure: MillraceError | undefined;
  const onError = (cause: Error) => {
    failure ??= new MillraceError(`--to ${to}: cannot write: ${reasonOfFailure(cause)}`, { code: 'ERR_OUTPUT', cause });
  };
  target.on('error', onError);
  let bytes = 0;
  let hasOldContent = file !== undefined;
  const removeOldContent = async () => {
    if (!hasOldContent || file === undefined) return;
    hasOldContent = false;
    await truncateRegular(file).catch(onError);
  };
  const write = async (item: unknown) => {
    await removeOldContent();
    const line = Buffer.from(`${JSON.stringify(jsonOf(item))}\n`);
    bytes += line.length;
    const isReady = failure !== undefined || target.write(line);
    if (!isReady) await once(target, 'drain').catch(() => undefined);
    if (failure) throw failure;
  };
  const end = async (how: 'completed' | 'failed') => {
    if (how === 'completed') await removeOldContent();
    if (isStandard) await new Promise<void>((resolve) => target.write('', () => resolve()));
    else await finished(target.end()).catch(() => undefined);
    target.off('error', onError);
    if (failure) throw failure;
    return bytes;
  };
  return { write, end };
}

/** A FIFO or a device has nothing to truncate. */
async function truncateRegular(file: FileHandle): Promise<void> {
  if ((await file.stat()).isFile()) await file.truncate();
}

async function openFile(to: string): Promise<FileHandle> {
  return open(to, constants.O_WRONLY | constants.O_CREAT).catch((cause: unknown) => {
    const { code } = cause as NodeJS.ErrnoException;
    const remedies: Readonly<Record<string, string>> = {
      EISDIR: 'expected a file, found a folder. Use the path of a file in this folder',
      ENOENT: `the folder ${dirname(to)} does not exist. Create the folder first, with mkdir -p`,
      ENOTDIR: 'a part of the path is a file and not a folder. Use a different path',
    };
    throw new ConfigError(`--to ${to}: ${remedies[code ?? ''] ?? reasonOfFailure(cause)}`, {
      path: 'to',
      cause,
    });
  });
}
