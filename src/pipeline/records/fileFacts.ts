import { stat } from 'node:fs/promises';
import { relative } from 'node:path';
import { crc32 } from 'node:zlib';

/** Identifies a list of files: their number, and a checksum of names and sizes. */
export interface FileFacts {
  readonly files: number;
  readonly namesAndSizes: number;
}

/** @param root - the folder for relative names, because files may be elsewhere after a restart. */
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
