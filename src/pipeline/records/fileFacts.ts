import { stat } from 'node:fs/promises';
import { relative } from 'node:path';
import { crc32 } from 'node:zlib';
import { mapConcurrently } from '../../base/mapConcurrently.js';
import type { Announcement } from '../../resume/cursor.js';
import type { RecordFile } from './recordFile.js';

/**
 * Identifies files by their number and a checksum. The checksum covers names and sizes, and also versions if the files
 * are stored objects, and labels if the files are images with classes.
 */
export interface FileFacts {
  readonly files: number;
  readonly namesAndSizes: number;
}

/**
 * @param root - the folder of relative names. If `root` is set, the checksum does not change if the folder has a new
 *   path after a restart.
 */
export async function fileFacts(files: readonly RecordFile[], root?: string): Promise<FileFacts> {
  let namesAndSizes = 0;
  for (const file of files) {
    const name = root === undefined ? file.path : relative(root, file.path);
    const label = file.label === undefined ? '' : `\t${file.label}`;
    namesAndSizes = crc32(`${name}\t${await sizeOf(file)}${label}\n`, namesAndSizes);
  }
  return { files: files.length, namesAndSizes };
}

async function sizeOf({ path, stored }: RecordFile): Promise<string> {
  if (stored) return `${stored.object.byteLength}\t${stored.object.version}`;
  // No error here, because the reader reports a missing file.
  return stat(path).then(
    ({ size }) => String(size),
    () => 'missing',
  );
}

/** The facts about the data of a channel that are known without reading it. */
export interface DataFacts {
  readonly facts?: Announcement;
  /** The name, size and version of each file. `undefined` in Pipe mode, because the files are unknown. */
  readonly files?: readonly unknown[];
}

/** @param root - the folder of relative names. */
export function fileVersions(files: readonly RecordFile[], root?: string): Promise<unknown[]> {
  return mapConcurrently(files, async ({ path, stored }) => {
    if (stored) return [path, stored.object.byteLength, stored.object.version];
    // No error here, because the reader reports a missing file.
    const stats = await stat(path, { bigint: true }).catch(() => undefined);
    return [root === undefined ? path : relative(root, path), stats?.size, stats?.mtimeNs];
  });
}
