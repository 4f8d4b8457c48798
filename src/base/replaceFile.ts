import { renameSync, rmSync, writeFileSync, type WriteFileOptions } from 'node:fs';

/**
 * Writes a file in a folder that exists. Readers of the file, and a process that is killed or fails, find the complete
 * old or the complete new contents. `<path>.new` is written temporarily.
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
