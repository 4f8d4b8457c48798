import { renameSync, rmSync, writeFileSync, type WriteFileOptions } from 'node:fs';

/**
 * Writes a file in a folder that exists. The file always has its complete old or its complete new contents, even if
 * this process is killed. Writes `<path>.new` and renames it.
 */
export function replaceFile(path: string, contents: string, options?: WriteFileOptions): void {
  const temporary = `${path}.new`;
  try {
    writeFileSync(temporary, contents, options);
    renameSync(temporary, path);
  } catch (cause) {
    try {
      rmSync(temporary, { force: true });
    } catch {
      // The first error is the cause.
    }
    throw cause;
  }
}
