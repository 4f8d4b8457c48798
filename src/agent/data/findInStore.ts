import { mapConcurrently } from '../../base/mapConcurrently.js';
import type { Store, StoredObject } from '../../stores/store.js';
import type { Fault, StoredPlace } from '../job/locate.js';
import { listFailure } from './listPrefix.js';
import { openRequests } from './openRequests.js';

export interface WantedObject extends StoredPlace {
  readonly fault: Fault;
}

/**
 * Listing this number of objects takes about as long as one look-up: a request lists 1,000 keys, and 16 look-ups run at
 * the same time.
 */
const LISTED_PER_LOOKUP = 64;

type Found = Map<string, StoredObject>;

/**
 * Looks up objects by their URLs. First lists the longest common prefix of the URLs in each bucket. If the listing
 * contains many other objects, looks up the remaining URLs one by one, because this is faster.
 *
 * @returns the objects that exist, by URL.
 */
export async function findInStore(
  wanted: readonly WantedObject[],
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<string, StoredObject>> {
  const found: Found = new Map();
  const requests = openRequests(signal);
  try {
    for (const group of groupsOf(wanted)) {
      await findGroup(group, found, requests.signal).catch((cause: unknown) => {
        throw listFailure(cause, group.fault, signal);
      });
    }
  } finally {
    requests.close();
  }
  return found;
}

interface Group {
  readonly store: Store;
  readonly urls: Set<string>;
  readonly fault: Fault;
}

function groupsOf(wanted: readonly WantedObject[]): readonly Group[] {
  const groups = new Map<Store, Map<string, Group>>();
  for (const { store, url, fault } of wanted) {
    const ofStore = groups.get(store) ?? new Map<string, Group>();
    groups.set(store, ofStore);
    const bucket = bucketOf(url);
    const group = ofStore.get(bucket) ?? { store, urls: new Set(), fault };
    ofStore.set(bucket, group);
    group.urls.add(url);
  }
  return [...groups.values()].flatMap((ofStore) => [...ofStore.values()]);
}

async function findGroup({ store, urls }: Group, found: Found, signal: AbortSignal): Promise<void> {
  const missing = new Set(urls);
  let left = LISTED_PER_LOOKUP * urls.size;
  for await (const object of store.list(commonPrefix([...urls]), { signal })) {
    if (missing.delete(object.url)) found.set(object.url, object);
    if (missing.size === 0) return;
    if (--left === 0) {
      await lookUpEach([...missing]);
      return;
    }
  }

  async function lookUpEach(rest: readonly string[]): Promise<void> {
    const lookUp = async (url: string) => {
      // If the object exists, it is the first in this listing.
      for await (const object of store.list(url, { signal })) {
        if (object.url === url) found.set(url, object);
        return;
      }
    };
    await mapConcurrently(rest, lookUp, signal);
  }
}

const bucketOf = (url: string): string => url.split('/', 3).join('/');

function commonPrefix(urls: readonly string[]): string {
  const [first = ''] = urls;
  let end = first.length;
  for (const url of urls) {
    while (!url.startsWith(first.slice(0, end))) end--;
  }
  // Half of a surrogate pair cannot be encoded in UTF-8.
  return first.slice(0, end).replace(/[\uD800-\uDBFF]$/, '');
}
