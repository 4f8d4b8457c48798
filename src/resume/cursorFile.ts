import { closeSync, existsSync, fsyncSync, openSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { cursorSchema, type Cursor } from './cursor.js';
import { ConfigError } from '../base/errors.js';
import { parseOptions } from '../base/parseOptions.js';
import { readJson } from '../base/readJson.js';

/**
 * Writes a cursor to a file, so that at any moment, and after any crash, the file holds the old one or the new one, whole.
 *
 * ```ts
 * import { recordsFromFiles, saveCursor } from 'millrace';
 * import { resumable } from 'millrace/operators';
 *
 * const resume = resumable<Uint8Array>();
 * recordsFromFiles('data/*.tfrecord', { recordFormat: 'TFRecord' })
 *   .pipe(resume)
 *   .subscribe({ complete: () => saveCursor('cursor.json', resume.cursor()) });
 * ```
 *
 * It is on the disk when this returns: until then it holds the thread, as long as the disk takes. A cursor that belongs
 * to a model should be saved with it, after it: into the same folder, or as JSON within the model's own file.
 *
 * @param path - in a folder that is there; beside it `<path>.new` is written.
 * @throws ConfigError for what is no cursor or cannot be written.
 */
export function saveCursor(path: string, cursor: Cursor): void {
  const text = `${JSON.stringify(parseOptions('saveCursor', cursorSchema, cursor), undefined, 2)}\n`;
  const temporary = `${path}.new`;
  try {
    writeFileSync(temporary, text, { flush: true });
    renameSync(temporary, path);
    flushFolder(dirname(path));
  } catch (cause) {
    throw new ConfigError(`saveCursor: cannot write ${path}: ${String(cause)}. Is its folder there, and writable?`, {
      path: '',
      cause,
    });
  }
}

/** The name that the file has got is on the disk, too. */
function flushFolder(folder: string): void {
  const fd = openSync(folder, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/**
 * Reads what {@link saveCursor} has written.
 *
 * @returns `undefined` where there is no file: at the first start.
 * @throws ConfigError when it cannot be read or holds something else, with the path of the first error.
 */
export function loadCursor(path: string): Cursor | undefined {
  if (!existsSync(path)) return undefined;
  return parseOptions(path, cursorSchema, readJson(path, 'Remove it to begin anew.'));
}
