import { mapConcurrently } from '../../base/mapConcurrently.js';
import { isStored, type Fault, type LocalPlace, type StoredPlace } from '../job/locate.js';
import type { ChannelObject } from './channelObject.js';
import { findInStore } from './findInStore.js';
import { channelObject } from './listPrefix.js';
import { localObject } from './localObject.js';

export interface Reference {
  readonly key: string;
  /** A local file must be inside `root`. */
  readonly place: (LocalPlace & { readonly root: string }) | StoredPlace;
  readonly fault: Fault;
}

/**
 * Finds the object of each reference. Returns the objects in the same order.
 *
 * @throws ConfigError if an object does not exist, or if the agent cannot serve it.
 */
export async function findObjects(
  references: readonly Reference[],
  signal: AbortSignal | undefined,
): Promise<readonly ChannelObject[]> {
  const found = await findInStore(
    references.flatMap(({ place, fault }) => (isStored(place) ? [{ ...place, fault }] : [])),
    signal,
  );
  const find = async ({ key, place, fault }: Reference): Promise<ChannelObject> => {
    if (!isStored(place)) return localObject(place.path, { key, root: place.root, fault });
    const object = found.get(place.url);
    if (object === undefined) throw fault(`there is no object ${place.url}`);
    return channelObject(place, object, { key, fault });
  };
  return mapConcurrently(references, find, signal);
}
