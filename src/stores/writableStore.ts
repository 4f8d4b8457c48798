import { ConfigError } from '../base/errors.js';
import { urlScheme } from '../base/localPath.js';
import { fileStore } from './fileStore.js';
import type { Store, WritableStore } from './store.js';

/**
 * @param caller - the name of the function, for errors.
 * @param text - a path, or a URL whose scheme is in lower case.
 * @param given - the store that the user has passed. Default: `fileStore()`.
 * @throws ConfigError if the store cannot write, or does not support the scheme of the URL.
 */
export function writableStore(caller: string, text: string, given: Store | undefined): WritableStore {
  const store = given ?? fileStore();
  if (typeof (store as Partial<WritableStore>).create !== 'function') {
    const message = `${caller}: store: this store cannot write: use fileStore() or s3Store(client)`;
    throw new ConfigError(message, { path: 'store' });
  }
  const scheme = urlScheme(text);
  const takes =
    scheme === undefined ? store.schemes.length === 0 : store.schemes.some((prefix) => text.startsWith(prefix));
  if (takes) return store as WritableStore;
  const expected =
    scheme === undefined
      ? `expected fileStore() for a path, found a store for ${store.schemes.join(', ')}. fileStore() is the default, so remove the option store`
      : `${scheme}:// needs a store that writes it`;
  const example = scheme === 's3' ? ', such as s3Store(client) of millrace/s3' : '';
  throw new ConfigError(`${caller}: store: ${expected}${example}`, { path: 'store' });
}
