import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { ConfigError } from '../base/errors.js';
import { reasonOfFailure } from '../base/reasonOfFailure.js';
import { workerModule } from '../workers/host/workerModule.js';

/**
 * Returns the SHA-256 of the module's file, in hexadecimal. The digest does not cover the modules that this file
 * imports.
 *
 * @throws ConfigError if the file cannot be read.
 */
export async function moduleDigest(name: string, module: URL): Promise<string> {
  try {
    const bytes = await readFile(new URL(workerModule(module, name).url));
    return createHash('sha256').update(bytes).digest('hex');
  } catch (cause) {
    if (cause instanceof ConfigError) throw cause;
    throw new ConfigError(`${name}: module: cannot read ${module.href}: ${reasonOfFailure(cause)}`, {
      path: 'module',
      cause,
    });
  }
}
