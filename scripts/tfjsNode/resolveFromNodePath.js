/**
 * Makes `import` search `$NODE_PATH`, as `require` does, for packages that are not found otherwise. Loaded by
 * `--import`.
 */
import { register } from 'node:module';
import { delimiter, join } from 'node:path';
import { env } from 'node:process';
import { pathToFileURL } from 'node:url';
import { isMainThread } from 'node:worker_threads';

// The hooks thread loads this file too.
if (isMainThread) register(import.meta.url);

export async function resolve(specifier, context, next) {
  try {
    return await next(specifier, context);
  } catch (error) {
    const [folder] = env.NODE_PATH?.split(delimiter) ?? [];
    if (error.code !== 'ERR_MODULE_NOT_FOUND' || !folder || /^[./]|:/.test(specifier)) throw error;
    return next(specifier, { ...context, parentURL: pathToFileURL(join(folder, '..', 'importer.js')).href });
  }
}
