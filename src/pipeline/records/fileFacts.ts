import { stat } from 'node:fs/promises';
import { relative } from 'node:path';
import { crc32 } from 'node:zlib';

/** By what files are known again: how many there are, and a checksum over their names and sizes. */
export interface FileFacts {
  readonly files: number;
  readonly namesAndSizes: number;
}

/** @param root - the folder that names count from, where files may stand elsewhere after a restart. */
export async function fileFacts(paths: readonly string[], root?: string): Promise<FileFacts> {
  let namesAndSizes = 0;
  for (const path of paths) {
    // Whoever reads a file that is not there will tell.
    const size = await stat(path).then(
      (stats) => stats.size,
      () => 'missing',
    );
    namesAndSizes = crc32(`${root === undefined ? path : relative(root, path)}\t${size}\n`, namesAndSizes);
  }
  return { files: paths.length, namesAndSizes };
}
