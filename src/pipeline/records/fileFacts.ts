import { stat } from 'node:fs/promises';
import { relative } from 'node:path';
import { crc32 } from 'node:zlib';

/** Identifies files by their number and a checksum of their names and sizes. */
export interface FileFacts {
  readonly files: number;
  readonly namesAndSizes: number;
}

/** @param root - names are relative to it, because the files may be in another folder after a restart. */
export async function fileFacts(paths: readonly string[], root?: string): Promise<FileFacts> {
  let namesAndSizes = 0;
  for (const path of paths) {
    // The reader of a missing file reports the error.
    const size = await stat(path).then(
      (stats) => stats.size,
      () => 'missing',
    );
    namesAndSizes = crc32(`${root === undefined ? path : relative(root, path)}\t${size}\n`, namesAndSizes);
  }
  return { files: paths.length, namesAndSizes };
}
