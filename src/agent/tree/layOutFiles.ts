import { createWriteStream } from 'node:fs';
import { link, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { ChannelItem } from '../data/listItems.js';
import { mapFiles } from '../data/mapFiles.js';
import { openRegularFile } from '../data/openRegularFile.js';

/**
 * Lays out a channel in File mode: each object is a file below the folder, where its key says. A key that comes twice is
 * one file.
 *
 * The files are hard links, so they are what a script finds in SageMaker, regular files, and cost neither time nor disk;
 * a script that lists files only would pass over a symbolic link. If the folder is on another file system they are
 * copies.
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
