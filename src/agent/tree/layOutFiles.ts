import { createWriteStream } from 'node:fs';
import { link, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { ChannelItem } from '../data/listItems.js';
import { mapFiles } from '../data/mapFiles.js';
import { openRegularFile } from '../data/openRegularFile.js';

/**
 * Makes the files of a channel in File mode. The path of a file is the folder plus the object's key. If a key is
 * repeated, there is one file.
 *
 * The files are hard links, which need neither time nor disk space, or copies on another file system. A script that
 * lists regular files would skip symbolic links.
 */
export async function layOutFiles(folder: string, items: readonly ChannelItem[], signal?: AbortSignal): Promise<void> {
  await mkdir(folder, { recursive: true });
  const pathOf = new Map<string, string>();
  for (const part of items.flat()) {
    if (!(part instanceof Uint8Array)) pathOf.set(join(folder, part.key), part.path);
  }
  const folders = new Set([...pathOf.keys()].map((file) => dirname(file)));
  await mapFiles([...folders], (path) => mkdir(path, { recursive: true }), signal);
  await mapFiles([...pathOf], ([file, path]) => link(path, file).catch(() => copyRegularFile(path, file)), signal);
}

async function copyRegularFile(path: string, target: string): Promise<void> {
  await pipeline((await openRegularFile(path)).createReadStream(), createWriteStream(target, { flags: 'wx' }));
}
