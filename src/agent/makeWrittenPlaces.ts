import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError } from '../base/errors.js';
import { reasonOfFailure } from '../base/reasonOfFailure.js';
import type { WritableStore } from '../stores/store.js';
import { listFailure } from './data/listPrefix.js';
import { refuseAmongCheckpoints, refuseOverlap, type WrittenFolder } from './data/refuseOverlap.js';
import type { FoundJob } from './findChannels.js';
import { locateCheckpoints, STORE_KEY } from './job/checkpointConfig.js';
import { isStored, locate, type Fault, type Location } from './job/locate.js';
import type { WritablePlace, WrittenPlace } from './tree/destination.js';
import { resultPrefixes } from './tree/jobResults.js';

export interface WrittenPlaces {
  readonly checkpoints: WrittenPlace | undefined;
  readonly output: WrittenPlace | undefined;
}

interface Named {
  readonly place: Location;
  readonly name: string;
  readonly path: string;
  /** The subfolders of `place` to which the job writes, each with a final slash. Default: `place` itself. */
  readonly prefixes?: readonly string[];
}

/**
 * Creates the folders for checkpoints and results. Checks that a store can write, and can list the prefix. These checks
 * run before the training, because an error after the training would come too late. Removes unfinished uploads of
 * killed agents.
 *
 * @throws ConfigError if a folder overlaps the data, if the folders of the results and the checkpoints overlap, or if a
 *   folder or prefix cannot be used. If there is an overlap, no folder is created.
 */
export async function makeWrittenPlaces(found: FoundJob, outputDir: string | undefined): Promise<WrittenPlaces> {
  const checkpoints = locateCheckpoints(found.job.CheckpointConfig, found.places);
  const output = locateOutput(outputDir, found);
  const written: Named[] = [];
  if (output) {
    const prefixes = resultPrefixes(found.hosts);
    written.push({ place: output, name: 'outputDir (--output)', path: 'outputDir', prefixes });
  }
  if (checkpoints) written.push({ place: checkpoints, name: `the checkpoints (${STORE_KEY})`, path: STORE_KEY });
  for (const each of written) for (const folder of foldersOf(each)) await refuseOverlap(folder, found.channels);
  const [results, kept] = written;
  if (results && kept) await refuseAmongCheckpoints(foldersOf(results), foldersOf(kept));
  for (const each of written) await (isStored(each.place) ? checkStore(each, found.places.signal) : makeFolder(each));
  const places = { checkpoints: writtenPlace(checkpoints), output: writtenPlace(output) };
  await removeUnfinishedUploads(places, found);
  return places;
}

function foldersOf({ place, prefixes = [''], ...named }: Named): WrittenFolder[] {
  return prefixes.map((prefix) => ({ ...named, folder: folderBelow(place, prefix) }));
}

function folderBelow(place: Location, prefix: string): string {
  const folder = isStored(place) ? `${place.url.replace(/\/*$/, '/')}${prefix}` : join(place.path, prefix);
  return folder.replace(/\/+$/, '');
}

/** The parts of unfinished uploads are invisible but cost money. */
async function removeUnfinishedUploads({ checkpoints, output }: WrittenPlaces, found: FoundJob): Promise<void> {
  const { signal } = found.places;
  const remove = async ({ store, url }: WritablePlace, shouldRemove: (url: string) => boolean) => {
    await store.removeUnfinished(url, shouldRemove, { signal }).catch(() => {
      signal?.throwIfAborted();
      // The training does not need this removal, and many users have no permission to list uploads.
    });
  };
  // If the prefix is a whole bucket, an upload may belong to another program.
  if (checkpoints && isStored(checkpoints) && !/^s3:\/\/[^/]*\/$/.test(checkpoints.url))
    await remove(checkpoints, () => true);
  if (output && isStored(output)) {
    const folders = resultPrefixes(found.hosts).map((prefix) => output.url + prefix);
    await remove(output, (url) => folders.some((folder) => url.startsWith(folder)));
  }
}

function locateOutput(outputDir: string | undefined, { places }: FoundJob): Location | undefined {
  if (outputDir === undefined) return undefined;
  const fault: Fault = (message, cause) =>
    new ConfigError(`outputDir (--output): ${message}`, { path: 'outputDir', cause });
  return locate(outputDir, { ...places, relativeTo: process.cwd(), fault });
}

async function makeFolder({ place, name, path }: Named): Promise<void> {
  const folder = (place as Exclude<Location, { readonly url: string }>).path;
  await mkdir(folder, { recursive: true }).catch((cause: unknown) => {
    const expected = 'expected a folder, or a path at which a folder can be created';
    throw new ConfigError(`${name}: ${expected}, found ${folder}: ${reasonOfFailure(cause)}`, { path, cause });
  });
}

async function checkStore({ place, name, path }: Named, signal: AbortSignal | undefined): Promise<void> {
  const { store, url } = place as Extract<Location, { readonly url: string }>;
  const fault: Fault = (message, cause) => new ConfigError(`${name}: ${message}`, { path, cause });
  if (!('create' in store)) throw fault(`the store of ${url} cannot write. Use s3Store(client), or a different URI`);
  try {
    // The first page shows that the bucket exists and the credentials are valid.
    await store.list(url, { signal })[Symbol.asyncIterator]().next();
  } catch (cause) {
    throw listFailure(cause, fault, signal);
  }
}

/** `checkStore` has checked that the store can write. */
function writtenPlace(place: Location | undefined): WrittenPlace | undefined {
  if (!place || !isStored(place)) return place;
  return { store: place.store as WritableStore, url: place.url.replace(/\/*$/, '/') };
}
