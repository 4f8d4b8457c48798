import { ConfigError } from '../../base/errors.js';
import { jsonFaultText } from '../../base/jsonFault.js';
import { urlScheme } from '../../base/localPath.js';
import { parseOptions } from '../../base/parseOptions.js';
import { readJson } from '../../base/readJson.js';
import { shownUrl } from '../../stores/objectErrors.js';
import type { Store } from '../../stores/store.js';
import { choosePlaces } from '../records/chooseStore.js';
import { blockFilesOf } from './blockFiles.js';
import { datasetIndexSchema, type DatasetIndex } from './datasetIndex.js';

const REMEDY = 'Make the index with millrace index';

/**
 * Reads an index from a file or a store.
 *
 * @throws ConfigError (as a rejection) if the file is missing or is not an index.
 */
export async function loadIndex(
  caller: string,
  url: string,
  {
    store,
    signal,
  }: {
    readonly store?: Store | readonly Store[] | undefined;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<DatasetIndex> {
  if (urlScheme(url) === undefined) return parseOptions(url, datasetIndexSchema(), readJson(url, `${REMEDY}.`));
  const [file] = await blockFilesOf(caller, { patterns: url, store })(signal);
  const { object, store: from } = (file as NonNullable<typeof file>).stored;
  const text = new TextDecoder().decode(await from.read(object, 0, object.byteLength ?? 0, { signal }));
  try {
    return parseOptions(shownUrl(url), datasetIndexSchema(), JSON.parse(text));
  } catch (cause) {
    if (cause instanceof ConfigError) throw cause;
    throw new ConfigError(`${shownUrl(url)} is not JSON: ${jsonFaultText(text, cause)}. ${REMEDY}.`, {
      path: '',
      cause,
    });
  }
}

/** @throws ConfigError if the index is a URL without a store. */
export function requireIndexPlace(caller: string, url: string, store: Store | readonly Store[] | undefined): void {
  const { problem } = choosePlaces(url, store);
  if (problem !== undefined) throw new ConfigError(`${caller}: index: ${problem}`, { path: 'index' });
}
