import { closeSync, openSync, readSync } from 'node:fs';
import { ConfigError } from './errors.js';
import { jsonFaultText } from './jsonFault.js';
import { reasonOfFailure } from './reasonOfFailure.js';
import { repeatedKey } from './repeatedKey.js';

/** The maximum size, because a device or a data file could fill the memory. */
const MAX_BYTES = 64 * 1024 * 1024;

const READ_BYTES = 64 * 1024;

/**
 * Reads a JSON file of at most 64 MiB.
 *
 * @throws ConfigError if the file cannot be read, is too large, is not JSON, or repeats a key. The message names line
 *   and column, and ends with `remedy`.
 */
export function readJson(path: string, remedy = ''): unknown {
  let text: string | undefined;
  try {
    text = readText(path);
    const value: unknown = JSON.parse(text);
    const repeated = repeatedKey(text);
    if (repeated === undefined) return value;
    throw new ConfigError(`${path}: ${repeated}. ${remedy}`.trimEnd(), { path: '' });
  } catch (cause) {
    if (cause instanceof ConfigError) throw cause;
    const failure =
      text === undefined ? `cannot be read: ${reasonOfFailure(cause)}` : `is not JSON: ${jsonFaultText(text, cause)}`;
    const isMissing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    const todo = remedy === '' && isMissing ? 'Check the path.' : remedy;
    throw new ConfigError(`${path} ${failure}. ${todo}`.trimEnd(), { path: '', cause });
  }
}

/** Reads a file of unknown size, because a pipe (`<(jq …)` in a shell) has no size. */
function readText(path: string): string {
  const fd = openSync(path, 'r');
  try {
    const chunks: Buffer[] = [];
    let bytes = 0;
    for (;;) {
      const chunk = Buffer.allocUnsafe(READ_BYTES);
      const read = readSync(fd, chunk);
      // TextDecoder removes the byte order mark that Windows editors write.
      if (read === 0) return new TextDecoder().decode(Buffer.concat(chunks));
      bytes += read;
      if (bytes > MAX_BYTES) {
        throw new ConfigError(
          `${path} is longer than ${MAX_BYTES} bytes, so it is probably not a configuration file: check the path`,
          {
            path: '',
          },
        );
      }
      chunks.push(chunk.subarray(0, read));
    }
  } finally {
    closeSync(fd);
  }
}
