import { closeSync, existsSync, fsyncSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { cursorSchema, type Cursor } from './cursor.js';
import { ConfigError } from '../base/errors.js';
import { parseOptions } from '../base/parseOptions.js';
import { readJson } from '../base/readJson.js';
import { reasonOfFailure } from '../base/reasonOfFailure.js';
import { replaceFile } from '../base/replaceFile.js';

/**
 * Writes a cursor to a file. Even after a crash, the file contains the complete old or new cursor.
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
 * Blocks the thread until the cursor is on the disk. First save the model, then the cursor in the same folder, or save
 * both in one file.
 *
 * @param path - a file in an existing folder. `<path>.new` is written temporarily.
 * @throws ConfigError if the cursor is invalid, or if the file cannot be written.
 */
export function saveCursor(path: string, cursor: Cursor): void {
  const text = `${JSON.stringify(parseOptions('saveCursor', cursorSchema(), cursor), undefined, 2)}\n`;
  try {
    replaceFile(path, text, { flush: true });
    flushFolder(dirname(path));
  } catch (cause) {
    const remedy = 'Create the folder of the file, make the folder writable, or free some space on its disk.';
    const message = `saveCursor: cannot write ${path}: ${reasonOfFailure(cause)}. ${remedy}`;
    throw new ConfigError(message, { path: '', cause });
  }
}

function flushFolder(folder: string): void {
  const fd = openSync(folder, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/**
 * Reads a cursor that {@link saveCursor} has written.
 *
 * @returns `undefined` if the file does not exist.
 * @throws ConfigError if the file cannot be read or is not a cursor. The error's `path` names the first invalid part.
 */
export function loadCursor(path: string): Cursor | undefined {
  if (!existsSync(path)) return undefined;
  return parseOptions(path, cursorSchema(), readJson(path, 'To start from the beginning, remove this file.'));
}
