import { closeSync, openSync, readSync } from 'node:fs';
import { ConfigError } from './errors.js';

/** Far more than any file of a job or a pipeline has; a device, or data named by mistake, would fill the memory. */
const MAX_BYTES = 64 * 1024 * 1024;

const READ_BYTES = 64 * 1024;

/**
 * Reads a JSON file of up to 64 MiB. It may begin with a byte order mark.
 *
 * @param remedy - what to do when there is no such file, as a sentence.
 * @throws ConfigError when it cannot be read, is too large, or is not JSON.
 */
export function readJson(path: string, remedy = ''): unknown {
  try {
    return JSON.parse(readText(path));
  } catch (cause) {
    if (cause instanceof ConfigError) throw cause;
    const what = cause instanceof SyntaxError ? 'is not JSON' : 'cannot be read';
    throw new ConfigError(`${path} ${what}: ${String(cause)}. ${remedy}`.trimEnd(), { path: '', cause });
  }
}

/** Not by the file's size, which a pipe (`<(jq …)` in a shell) has not. */
function readText(path: string): string {
  const fd = openSync(path, 'r');
  try {
    const chunks: Buffer[] = [];
    let bytes = 0;
    for (;;) {
      const chunk = Buffer.allocUnsafe(READ_BYTES);
      const read = readSync(fd, chunk);
      // The decoder drops a byte order mark, which Windows' editors write.
      if (read === 0) return new TextDecoder().decode(Buffer.concat(chunks));
      bytes += read;
      if (bytes > MAX_BYTES) {
        throw new ConfigError(`${path} is longer than ${MAX_BYTES} bytes: is it a configuration at all?`, { path: '' });
      }
      chunks.push(chunk.subarray(0, read));
    }
  } finally {
    closeSync(fd);
  }
}
