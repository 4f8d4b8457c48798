import { createWriteStream } from 'node:fs';
import { link, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { mapConcurrently } from '../../base/mapConcurrently.js';
import type { ChannelObject } from '../data/channelObject.js';
import { objectsOf, type ChannelItem } from '../data/listItems.js';
import { openRegularFile } from '../data/openRegularFile.js';
import type { Downloads } from './downloads.js';

/**
 * Makes one file for each key of a channel in File mode. The files are hard links, because a script that lists regular
 * files would skip symbolic links. On a different file system, the files are copies. Objects of a store are downloaded
 * once for all hosts.
 */
export async function layOutFiles(
  folder: string,
  items: readonly ChannelItem[],
  { downloads, signal }: { readonly downloads: Downloads; readonly signal: AbortSignal | undefined },
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const files = new Map(objectsOf(items).map((object) => [join(folder, object.key), object]));
  const folders = new Set([...files.keys()].map((file) => dirname(file)));
  await mapConcurrently([...folders], (path) => mkdir(path, { recursive: true }), signal);
  await downloads.download(files);
  const layOut = async ([file, object]: readonly [string, ChannelObject]) => {
    const path = downloads.pathOf(object);
    if (path !== file) await link(path, file).catch(() => copyRegularFile(path, file));
  };
  await mapConcurrently([...files], layOut, signal);
}

async function copyRegularFile(path: string, target: string): Promise<void> {
  await pipeline((await openRegularFile(path)).createReadStream(), createWriteStream(target, { flags: 'wx' }));
}
