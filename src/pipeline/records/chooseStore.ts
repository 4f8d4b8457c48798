import { z } from 'zod';
import { lazy } from '../../base/lazy.js';
import { problemOfPath, urlScheme } from '../../base/localPath.js';
import { quote } from '../../base/showValue.js';
import { httpStore } from '../../stores/httpStore.js';
import { shownUrl } from '../../stores/objectErrors.js';
import type { Store } from '../../stores/store.js';
import { storeSchema } from '../../stores/storeSchema.js';
import { isHttp, problemOfUrl, rootOf, withLowerScheme } from '../../stores/storeUrl.js';
import { meansPattern } from './findFiles.js';

/** A path or pattern of files, or a URL with its store. */
export interface Place {
  readonly pattern: string;
  /** `undefined` if the place is on the local disk. */
  readonly store: Store | undefined;
}

export const storeOption = lazy(() =>
  z.union([storeSchema(), z.array(storeSchema())], {
    error: 'expected a store, such as s3Store(client), or an array of stores',
  }),
);

export const patternsSchema = lazy(() =>
  z.union([z.string().min(1), z.array(z.string().min(1)).min(1)], {
    error: 'expected a path, a URL, a pattern, or an array of these',
  }),
);

/**
 * Specifies how `http://` and `https://` URLs are read if no given store matches: `'by itself'` uses a default store,
 * and `'if given'` is an error.
 */
export type Network = 'by itself' | 'if given';

const GIVE: Readonly<Record<string, string>> = {
  s3: 'store: s3Store(new S3Client({})), with s3Store from millrace/s3 and S3Client from @aws-sdk/client-s3',
  http: 'store: httpStore()',
  https: 'store: httpStore()',
};

/** Returns each pattern with its store, and the error text for the first pattern without a store. */
export function choosePlaces(
  patterns: string | readonly string[],
  given: Store | readonly Store[] = [],
  network: Network = 'by itself',
): { readonly places: readonly Place[]; readonly problem: string | undefined } {
  const prefixes = [given].flat().flatMap((store: Store) => store.schemes.map((prefix) => ({ prefix, store })));
  prefixes.sort((one, other) => other.prefix.length - one.prefix.length);
  const places = [patterns].flat().map((text) => {
    const pattern = withLowerScheme(text);
    const chosen = prefixes.find(({ prefix }) => pattern.startsWith(prefix))?.store;
    return { pattern, store: chosen ?? (network === 'by itself' && isHttp(pattern) ? defaultStore() : undefined) };
  });
  return { places, problem: places.map((place) => problemOf(place, network)).find((text) => text !== undefined) };
}

let sharedStore: Store | undefined;

/** The default store is shared, so that all readers use the same connections. */
function defaultStore(): Store {
  return (sharedStore ??= httpStore());
}

function problemOf({ pattern, store }: Place, network: Network): string | undefined {
  if (store) {
    const problem = problemOfUrl(pattern);
    if (problem !== undefined) return problem;
    const hasBucket = isHttp(pattern) || !meansPattern(rootOf(pattern));
    return hasBucket
      ? undefined
      : `expected no wildcard in the name of the bucket, found ${quote(pattern)}: name one bucket`;
  }
  const scheme = urlScheme(pattern) ?? '';
  const code = Object.hasOwn(GIVE, scheme) ? GIVE[scheme] : undefined;
  if (code === undefined) return problemOfPath(pattern);
  const inCommand = network === 'if given' ? `, or add "--store ${scheme}" to millrace run` : '';
  return `${quote(shownUrl(pattern))} needs a store, and no given store reads this URL: pass ${code}${inCommand}`;
}
